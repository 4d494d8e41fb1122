/*
 * rdstoken.c - make the IAM login token of an Amazon RDS database.
 *
 * in:   host and user as operands, port and region as options, the key from
 *       AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, where there is one,
 *       AWS_SESSION_TOKEN in the environment
 * out:  the token, one line. It is a credential for 15 minutes
 * exit: 0 done, 2 could not (bad name, no key)
 *
 * The token is an HTTPS URL without its scheme, presigned with SigV4: GET /,
 * service rds-db, 900 seconds, "host" the one signed header, no body. Byte
 * for byte what boto3's generate_db_auth_token gives. Nothing is sent anywhere.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "util.h"

#ifndef VERSION
#define VERSION "0.2.0"
#endif

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGEST 32      /* bytes of a SHA-256 */
#define HTTPS_PORT 443 /* no port in the Host header of https then */

struct login {
	const char *host, *user, *region;
	const char *id, *secret, *session; /* session: NULL where none */
	unsigned int port;
	char time[sizeof "20260101T000000Z"], date[sizeof "20260101"];
};

static void
usage(FILE *f)
{
	fputs("usage: rdstoken [-eV] [-p port] [-r region] [-t time] host user\n", f);
}

/* ---- memory for OpenSSL ----
 *
 * Short of it, libcrypto 3.0 crashes in places. It never sees a failure here.
 */

static void *
crypto_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return xrealloc(p, n);
}

static void *
crypto_malloc(size_t n, const char *file, int line)
{
	return crypto_realloc(NULL, n, file, line);
}

static void
crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* ---- encoding and digests ---- */

/* Percent-encode all but RFC 3986's unreserved characters, as SigV4 wants. */
static void
add_encoded(struct buf *b, const char *p, size_t n)
{
	static const char plain[] = LETTERS DIGITS "-._~";
	size_t i;

	for (i = 0; i < n; i++)
		if (memchr(plain, p[i], sizeof plain - 1) != NULL)
			xbuf_addc(b, p[i]);
		else
			xbuf_addf(b, "%%%02X", (unsigned char)p[i]);
}

static void
add_hex(struct buf *b, const unsigned char *md)
{
	int i;

	for (i = 0; i < DIGEST; i++)
		xbuf_addf(b, "%02x", md[i]);
}

static void
add_sha256(struct buf *b, const char *p, size_t n)
{
	unsigned char md[EVP_MAX_MD_SIZE];

	if (!EVP_Digest(p, n, md, NULL, EVP_sha256(), NULL))
		die("libcrypto", "cannot compute SHA-256");
	add_hex(b, md);
}

/* out may be key: each step of SigV4 turns one key into the next. */
static void
hmac(unsigned char out[DIGEST], const void *key, size_t n, const char *text)
{
	unsigned char md[EVP_MAX_MD_SIZE];

	if (HMAC(EVP_sha256(), key, (int)n, (const unsigned char *)text, strlen(text), md,
		NULL) == NULL)
		die("libcrypto", "cannot compute HMAC-SHA-256");
	memcpy(out, md, DIGEST);
	OPENSSL_cleanse(md, sizeof md);
}

/* ---- the token ---- */

/*
 * The Host header as an HTTP client would send it: lower case, and no port
 * where it is the scheme's own.
 */
static void
add_host_header(struct buf *b, const struct login *l)
{
	const char *p;

	for (p = l->host; *p != '\0'; p++)
		xbuf_addc(b, (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p));
	if (l->port != HTTPS_PORT)
		xbuf_addf(b, ":%u", l->port);
}

static void
add_signature(struct buf *b, const struct login *l, const struct buf *request)
{
	struct buf text = {0};
	unsigned char k[DIGEST];
	size_t n = strlen(l->secret);
	char *key = xmalloc(n + 4);

	xbuf_addf(&text, "AWS4-HMAC-SHA256\n%s\n%s/%s/rds-db/aws4_request\n", l->time,
	    l->date, l->region);
	add_sha256(&text, request->p, request->len);

	memcpy(key, "AWS4", 4);
	memcpy(key + 4, l->secret, n);
	hmac(k, key, n + 4, l->date);
	OPENSSL_cleanse(key, n + 4);
	free(key);
	hmac(k, k, sizeof k, l->region);
	hmac(k, k, sizeof k, "rds-db");
	hmac(k, k, sizeof k, "aws4_request");
	hmac(k, k, sizeof k, text.p);
	add_hex(b, k);
	OPENSSL_cleanse(k, sizeof k);
	buf_free(&text);
}

static void
add_parameter(struct buf *b, const char *name, const char *value)
{
	xbuf_addf(b, "&%s=", name);
	add_encoded(b, value, strlen(value));
}

/*
 * The signature covers the parameters sorted by name; the token has them in
 * the order the vendor's library writes, where the session token is last.
 */
static void
add_token(struct buf *b, const struct login *l)
{
	struct buf query = {0}, scope = {0}, request = {0};

	xbuf_addf(&scope, "%s/%s/%s/rds-db/aws4_request", l->id, l->date, l->region);
	xbuf_adds(&query, "Action=connect");
	add_parameter(&query, "DBUser", l->user);
	add_parameter(&query, "X-Amz-Algorithm", "AWS4-HMAC-SHA256");
	add_parameter(&query, "X-Amz-Credential", scope.p);
	add_parameter(&query, "X-Amz-Date", l->time);
	add_parameter(&query, "X-Amz-Expires", "900");

	xbuf_addf(&request, "GET\n/\n%s", query.p);
	if (l->session != NULL)
		add_parameter(&request, "X-Amz-Security-Token", l->session);
	add_parameter(&request, "X-Amz-SignedHeaders", "host");
	xbuf_adds(&request, "\nhost:");
	add_host_header(&request, l);
	xbuf_adds(&request, "\n\nhost\n");
	add_sha256(&request, "", 0);

	xbuf_addf(b, "%s:%u/?%s", l->host, l->port, query.p);
	add_parameter(b, "X-Amz-SignedHeaders", "host");
	if (l->session != NULL)
		add_parameter(b, "X-Amz-Security-Token", l->session);
	xbuf_adds(b, "&X-Amz-Signature=");
	add_signature(b, l, &request);
	buf_free(&query);
	buf_free(&scope);
	buf_free(&request);
}

/* ---- what may go in ---- */

static int
all_of(const char *s, const char *set)
{
	return *s != '\0' && s[strspn(s, set)] == '\0';
}

/*
 * A DNS name, or an IPv6 address in brackets. What else fits between "//" and
 * "/" of a URL (a user, a second port) would sign for another host.
 */
static void
check_host(const char *host)
{
	unsigned char addr[16];
	char text[64];
	size_t n = strlen(host);

	if (n > 2 && n < sizeof text && host[0] == '[' && host[n - 1] == ']') {
		memcpy(text, host + 1, n - 2);
		text[n - 2] = '\0';
		if (inet_pton(AF_INET6, text, addr) == 1)
			return;
	}
	if (n > 253 || !all_of(host, LETTERS DIGITS ".-_"))
		die("host", "'%.100s' is no host name; the port goes to -p", host);
}

static unsigned int
port_number(const char *s)
{
	long n = all_of(s, DIGITS) && strlen(s) <= 5 ? strtol(s, NULL, 10) : 0;

	if (n < 1 || n > 65535)
		die("-p", "'%.20s' is no port from 1 to 65535", s);
	return (unsigned int)n;
}

static const char *
region_name(const char *s)
{
	const char *where = "-r";

	if (s == NULL && (s = getenv(where = "AWS_REGION")) == NULL)
		s = getenv(where = "AWS_DEFAULT_REGION");
	if (s == NULL)
		die(NULL, "no region: give -r or set AWS_REGION");
	if (strlen(s) > 63 || !all_of(s, LETTERS DIGITS "-") || s[0] == '-' ||
	    s[strlen(s) - 1] == '-')
		die(where, "'%.70s' is no region, such as eu-central-1", s);
	return s;
}

/* Never quotes the value. NULL where an optional one is unset or empty. */
static const char *
key_part(const char *name, int required)
{
	const char *p, *s = getenv(name);

	if (s == NULL || *s == '\0') {
		if (required)
			die(name, "not set: the key comes from the environment");
		return NULL;
	}
	for (p = s; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			die(name, "has a blank or a line end in it, no key has");
	return s;
}

static void
set_time(struct login *l, const char *s)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	time_t now;
	struct tm tm;
	int year;

	if (s == NULL) {
		now = time(NULL);
		if (now == (time_t)-1 || gmtime_r(&now, &tm) == NULL ||
		    strftime(l->time, sizeof l->time, "%Y%m%dT%H%M%SZ", &tm) == 0)
			die("clock", "cannot read the time");
	} else {
		if (strlen(s) != 16 || strspn(s, DIGITS) != 8 || s[8] != 'T' ||
		    strspn(s + 9, DIGITS) != 6 || s[15] != 'Z' ||
		    sscanf(s, "%4d%2d%2dT%2d%2d%2dZ", &year, &tm.tm_mon, &tm.tm_mday,
			&tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6 ||
		    tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
		    tm.tm_mday > days[tm.tm_mon - 1] || tm.tm_hour > 23 ||
		    tm.tm_min > 59 || tm.tm_sec > 59)
			die("-t", "'%.20s' is no time such as 20260101T000000Z", s);
		memcpy(l->time, s, sizeof l->time);
	}
	memcpy(l->date, l->time, 8);
	l->date[8] = '\0';
}

int
main(int argc, char *argv[])
{
	struct login l = {.port = 5432};
	const char *region = NULL, *at = NULL;
	struct buf token = {0}, out = {0};
	int c, encode = 0;

	util_tool = "rdstoken";
	while ((c = getopt(argc, argv, "ehp:r:t:V")) != -1)
		switch (c) {
		case 'e':
			encode = 1;
			break;
		case 'h':
			usage(stdout);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		case 'p':
			l.port = port_number(optarg);
			break;
		case 'r':
			region = optarg;
			break;
		case 't':
			at = optarg;
			break;
		case 'V':
			printf("rdstoken %s\n", VERSION);
			return fflush(stdout) == 0 ? EXIT_YES : EXIT_CANNOT;
		default:
			usage(stderr);
			return EXIT_CANNOT;
		}
	if (argc - optind != 2) {
		usage(stderr);
		return EXIT_CANNOT;
	}
	l.host = argv[optind];
	l.user = argv[optind + 1];
	check_host(l.host);
	if (*l.user == '\0')
		die("user", "is empty");
	l.region = region_name(region);
	set_time(&l, at);
	l.id = key_part("AWS_ACCESS_KEY_ID", 1);
	l.secret = key_part("AWS_SECRET_ACCESS_KEY", 1);
	l.session = key_part("AWS_SESSION_TOKEN", 0);

	(void)CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
	/*
	 * No openssl.cnf: two digests need none, and it costs time to read. Nothing
	 * at exit: where memory runs out inside libcrypto, its cleanup would wait
	 * for a lock that this very call holds.
	 */
	(void)OPENSSL_init_crypto(
	    OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
	add_token(&token, &l);
	if (encode)
		add_encoded(&out, token.p, token.len);
	else
		xbuf_add(&out, token.p, token.len);
	xbuf_addc(&out, '\n');
	xwrite_stdout(out.p, out.len);
	buf_free(&token);
	buf_free(&out);
	return EXIT_YES;
}
