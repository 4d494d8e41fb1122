"""Alembic's environment for the models: env.py of peers.sh."""

from alembic import context
from sqlalchemy import create_engine

from src.db.models import Base

engine = create_engine("postgresql+psycopg://")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
