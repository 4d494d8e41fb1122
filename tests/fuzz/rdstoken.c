/*
 * rdstoken.c - fuzz rdstoken: each token signs what it says, and nothing else.
 *
 * input: HOST 0 USER 0 PORT 0 REGION 0 TIME 0 ID 0 SECRET 0 SESSION
 */
#include "fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

const char *const target_tool = "rdstoken";

/* What OpenSSL keeps for itself is not the tool's. */
static void *
keep(void *p, size_t n, const char *file, int line)
{
	int before = world_inside(0);

	(void)file;
	(void)line;
	p = realloc(p, n);
	(void)world_inside(before);
	return p;
}

static void *
keep_new(size_t n, const char *file, int line)
{
	return keep(NULL, n, file, line);
}

static void
keep_not(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* What the tool calls instead of CRYPTO_set_mem_functions(): ours stay. */
int
world_crypto_memory(CRYPTO_malloc_fn m, CRYPTO_realloc_fn r, CRYPTO_free_fn f)
{
	return m != NULL && r != NULL && f != NULL;
}

static void
sha256(struct bytes in, unsigned char md[32])
{
	must(EVP_Digest(in.p, in.n, md, NULL, EVP_sha256(), NULL));
}

/* RFC 2104, by the letter. */
static void
hmac(unsigned char out[32], const void *key, size_t n, struct bytes text)
{
	unsigned char block[64] = {0};
	struct bytes b;
	size_t i;

	if (n > sizeof block) {
		b = copy(key, n);
		sha256(b, block);
	} else
		memcpy(block, key, n);
	for (i = 0; i < 64; i++)
		block[i] ^= 0x36;
	b = copy((char *)block, 64);
	add(&b, text.p, text.n);
	sha256(b, out);
	for (i = 0; i < 64; i++)
		block[i] ^= 0x36 ^ 0x5c;
	b = copy((char *)block, 64);
	add(&b, out, 32);
	sha256(b, out);
}

static struct bytes
string(const char *s)
{
	return copy(s, strlen(s));
}

static void
add_text(struct bytes *to, const char *s)
{
	add(to, s, strlen(s));
}

static void
add_hex(struct bytes *to, const unsigned char md[32])
{
	char text[3];
	int i;

	for (i = 0; i < 32; i++) {
		snprintf(text, sizeof text, "%02x", md[i]);
		add(to, text, 2);
	}
}

static struct bytes
decoded(const char *p, size_t n)
{
	struct bytes b = copy(p, n);
	char hex[3] = "";
	size_t i;

	for (i = b.n = 0; i < n; i++) {
		b.p[b.n] = p[i];
		if (p[i] == '%') {
			must(i + 2 < n && isxdigit((unsigned char)p[i + 1]) &&
			    isxdigit((unsigned char)p[i + 2]));
			memcpy(hex, p + i + 1, 2);
			b.p[b.n] = (char)strtoul(hex, NULL, 16);
			i += 2;
		}
		b.n++;
	}
	b.p[b.n] = '\0';
	return b;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(((const struct bytes *)a)->p, ((const struct bytes *)b)->p);
}

/* The value of a parameter of the token, as written; there is exactly one. */
static struct bytes
value_of(const struct bytes *params, size_t n, const char *name)
{
	struct bytes b = {NULL, 0};
	size_t i, len = strlen(name);

	for (i = 0; i < n; i++)
		if (strncmp(params[i].p, name, len) == 0 && params[i].p[len] == '=') {
			must(b.p == NULL);
			b = string(params[i].p + len + 1);
		}
	return b;
}

/* Sign what the token says, as the receiver does, and compare. */
static void
check_token(struct bytes token, const char *host, const char *user, const char *port,
    const char *region, const char *id, const char *secret, const char *session)
{
	struct bytes params[16], rest, server, request, text, time, key, v, signature,
	    scope;
	unsigned char k[32];
	size_t n = 0, i;

	must(token.n > 0 && token.p[token.n - 1] == '\n');
	rest = copy(token.p, token.n - 1);
	for (i = 0; i < rest.n; i++)
		must(rest.p[i] > ' ' && rest.p[i] < 0x7f);
	server = field(&rest, '?');
	text = string(host);
	add_text(&text, ":");
	add_text(&text, port);
	add_text(&text, "/");
	must(equal(server, text));
	while (rest.n > 0 && n < 16)
		params[n++] = field(&rest, '&');
	must(n == (session != NULL ? 9 : 8));
	must(strcmp(params[0].p, "Action=connect") == 0);
	must(strncmp(params[n - 1].p, "X-Amz-Signature=", 16) == 0);
	signature = string(params[n - 1].p + 16);
	v = value_of(params, n, "DBUser");
	must(equal(decoded(v.p, v.n), string(user)));
	if (session != NULL) {
		v = value_of(params, n, "X-Amz-Security-Token");
		must(equal(decoded(v.p, v.n), string(session)));
	}
	time = value_of(params, n, "X-Amz-Date");
	must(time.n == 16);
	scope = copy(time.p, 8);
	add_text(&scope, "/");
	add_text(&scope, region);
	add_text(&scope, "/rds-db/aws4_request");
	text = string(id);
	add_text(&text, "/");
	add(&text, scope.p, scope.n);
	v = value_of(params, n, "X-Amz-Credential");
	must(equal(decoded(v.p, v.n), text));

	qsort(params, n - 1, sizeof *params, by_text);
	request = string("GET\n/\n");
	for (i = 0; i < n - 1; i++) {
		add_text(&request, i > 0 ? "&" : "");
		add(&request, params[i].p, params[i].n);
	}
	add_text(&request, "\nhost:");
	text = copy(host, strlen(host));
	for (i = 0; i < text.n; i++)
		text.p[i] = (char)tolower((unsigned char)text.p[i]);
	add(&request, text.p, text.n);
	if (strcmp(port, "443") != 0) {
		add_text(&request, ":");
		add_text(&request, port);
	}
	add_text(&request, "\n\nhost\n");
	sha256(string(""), k);
	add_hex(&request, k);

	text = string("AWS4-HMAC-SHA256\n");
	add(&text, time.p, 16);
	add_text(&text, "\n");
	add(&text, scope.p, scope.n);
	add_text(&text, "\n");
	sha256(request, k);
	add_hex(&text, k);
	key = string("AWS4");
	add_text(&key, secret);
	hmac(k, key.p, key.n, copy(time.p, 8));
	hmac(k, copy((char *)k, 32).p, 32, string(region));
	hmac(k, copy((char *)k, 32).p, 32, string("rds-db"));
	hmac(k, copy((char *)k, 32).p, 32, string("aws4_request"));
	hmac(k, copy((char *)k, 32).p, 32, text);
	v = copy("", 0);
	add_hex(&v, k);
	must(equal(v, signature));
}

void
target(struct bytes in)
{
	const char *host = field(&in, 0).p, *user = field(&in, 0).p,
		   *port = field(&in, 0).p;
	const char *region = field(&in, 0).p, *time = field(&in, 0).p,
		   *id = field(&in, 0).p;
	const char *secret = field(&in, 0).p, *session = field(&in, 0).p;
	struct bytes none = copy("", 0), out, encoded;
	char number[24];
	static int ready;

	if (!ready)
		must(ready = CRYPTO_set_mem_functions(keep_new, keep, keep_not));

	world_env("AWS_ACCESS_KEY_ID", id);
	world_env("AWS_SECRET_ACCESS_KEY", secret);
	world_env("AWS_SESSION_TOKEN", session);
	world_env("AWS_REGION", region);
	if (run(&out, none, "-p", port, "-t", time, "--", host, user, NULL) != 0)
		return;
	snprintf(number, sizeof number, "%ld", strtol(port, NULL, 10));
	check_token(out, host, user, number, region, id, secret,
	    *session != '\0' ? session : NULL);
	must(run(&encoded, none, "-e", "-r", region, "-p", port, "-t", time, "--", host,
		 user, NULL) == 0);
	must(encoded.n > 0 && strpbrk(encoded.p, "/?&=:") == NULL);
	must(equal(decoded(encoded.p, encoded.n), out));
}
