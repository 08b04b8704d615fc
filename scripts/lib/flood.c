/*
 * Sends datagrams made from templates as fast as asked, from random or given sources, through a raw IPv4 socket.
 * Compiled and run by scripts/flood only, inside its namespaces: it refuses any target outside 10.77.0.0/16.
 *
 *   flood send TO PORT RATE SECONDS random|IP:PORT TEMPLATES    prints what it sent, as JSON
 *   flood sink IP PORT SECONDS                                  a bound socket that nobody reads
 *
 * TEMPLATES is a file of lines, one a kind of packet, taken in turn: hex digits, `..` for a random byte, and `+MIN-MAX`
 * at the end for so many more random bytes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, MOST = 1472, HEADERS = 28, TEMPLATES = 1024, MOST_RATE = 200000, MOST_SECONDS = 60 };

typedef struct {
  uint8_t bytes[MOST];
  uint8_t random[MOST];
  int length, least, most;
} template_t;

static template_t templates[TEMPLATES];
static int count;
static uint64_t state[2];

static void fail(const char *what) {
  fprintf(stderr, "flood: %s: %s\n", what, errno ? strerror(errno) : "not as it should be");
  exit(2);
}

/* xoroshiro128+ */
static uint64_t next(void) {
  uint64_t a = state[0], b = state[1], sum = a + b;
  b ^= a;
  state[0] = ((a << 24) | (a >> 40)) ^ b ^ (b << 16);
  state[1] = (b << 37) | (b >> 27);
  return sum;
}

static int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

static void read_templates(const char *path) {
  static char line[3 * MOST];
  FILE *file = fopen(path, "r");
  if (!file) fail(path);
  while (count < TEMPLATES && fgets(line, sizeof line, file)) {
    template_t *t = &templates[count];
    const char *at = line;
    for (; at[0] == '.' || digit(at[0]) >= 0; at += 2, t->length++) {
      if (t->length == MOST) fail("template too long");
      t->random[t->length] = at[0] == '.';
      if (at[0] != '.' && digit(at[1]) < 0) fail("template");
      if (at[0] != '.') t->bytes[t->length] = (uint8_t)(digit(at[0]) << 4 | digit(at[1]));
    }
    if (*at == '+' && sscanf(at, "+%d-%d", &t->least, &t->most) != 2) fail("template");
    if (t->least < 0 || t->most < t->least || t->length + t->most > MOST) fail("template");
    if (t->length + t->most > 0) count++;
  }
  fclose(file);
  if (count == 0) fail("no template");
}

/* The bytes of the next packet; @returns its length. */
static int fill(uint8_t *into, const template_t *t) {
  int length = t->length + t->least + (t->most > t->least ? (int)(next() % (uint64_t)(t->most - t->least + 1)) : 0);
  for (int i = 0; i < length; i += 8) {
    uint64_t word = next();
    memcpy(into + i, &word, length - i < 8 ? (size_t)(length - i) : 8);
  }
  for (int i = 0; i < t->length; i++)
    if (!t->random[i]) into[i] = t->bytes[i];
  return length;
}

static uint16_t checksum(const uint8_t *header) {
  uint32_t sum = 0;
  for (int i = 0; i < 20; i += 2) sum += (uint32_t)(header[i] << 8 | header[i + 1]);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return htons((uint16_t)~sum);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int send_all(char **arg) {
  static uint8_t packets[BATCH][HEADERS + MOST];
  static struct mmsghdr messages[BATCH];
  static struct iovec parts[BATCH];
  struct sockaddr_in to = {.sin_family = AF_INET}, from = {.sin_family = AF_INET};
  int port = atoi(arg[1]), rate = atoi(arg[2]), seconds = atoi(arg[3]), anybody = !strcmp(arg[4], "random");
  if (inet_pton(AF_INET, arg[0], &to.sin_addr) != 1 || ntohl(to.sin_addr.s_addr) >> 16 != (10 << 8 | 77))
    fail("the target must be in 10.77.0.0/16");
  if (rate < 1 || rate > MOST_RATE || seconds < 1 || seconds > MOST_SECONDS) fail("rate or seconds");
  int from_port = 0;
  if (!anybody) {
    char *colon = strchr(arg[4], ':');
    if (!colon) fail("source");
    *colon = 0;
    from_port = atoi(colon + 1);
    if (inet_pton(AF_INET, arg[4], &from.sin_addr) != 1) fail("source");
  }
  read_templates(arg[5]);
  if (getrandom(state, sizeof state, 0) != sizeof state) fail("random");
  int s = socket(AF_INET, SOCK_RAW, IPPROTO_RAW), room = 1 << 22;
  if (s < 0) fail("raw socket");
  setsockopt(s, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);

  long sent = 0, refused = 0, due;
  double begin = now(), elapsed;
  while ((elapsed = now() - begin) < seconds) {
    for (due = (long)(elapsed * rate); sent + refused < due;) {
      int batch = due - sent - refused < BATCH ? (int)(due - sent - refused) : BATCH;
      for (int i = 0; i < batch; i++) {
        uint8_t *p = packets[i];
        struct iphdr *ip = (struct iphdr *)p;
        struct udphdr *udp = (struct udphdr *)(p + 20);
        int length = fill(p + HEADERS, &templates[(sent + refused + i) % count]);
        uint64_t r = next();
        *ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP};
        ip->tot_len = htons((uint16_t)(HEADERS + length));
        ip->saddr = anybody ? htonl(0x0a800000u | (uint32_t)(r & 0x3fffff)) : from.sin_addr.s_addr; /* 10.128.0.0/10 */
        ip->daddr = to.sin_addr.s_addr;
        ip->check = checksum(p);
        udp->source = htons((uint16_t)(anybody ? 1024 + (r >> 32) % 64000 : (uint64_t)from_port));
        udp->dest = htons((uint16_t)port);
        udp->len = htons((uint16_t)(8 + length));
        udp->check = 0; /* none: allowed over IPv4 */
        parts[i] = (struct iovec){p, (size_t)(HEADERS + length)};
        messages[i].msg_hdr = (struct msghdr){&to, sizeof to, &parts[i], 1, NULL, 0, 0};
      }
      int done = sendmmsg(s, messages, (unsigned)batch, 0);
      if (done < 0) {
        if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR) fail("sendmmsg");
        refused += batch;
      } else {
        sent += done;
        refused += batch - done;
      }
    }
    struct timespec pause = {0, 500000};
    nanosleep(&pause, NULL);
  }
  printf("{\"sent\": %ld, \"refused\": %ld, \"seconds\": %.3f}\n", sent, refused, now() - begin);
  return 0;
}

static int sink(char **arg) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arg[1]))};
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  if (inet_pton(AF_INET, arg[0], &at.sin_addr) != 1 || bind(s, (struct sockaddr *)&at, sizeof at)) fail("sink");
  sleep((unsigned)atoi(arg[2]));
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 8 && !strcmp(argv[1], "send")) return send_all(argv + 2);
  if (argc == 5 && !strcmp(argv[1], "sink")) return sink(argv + 2);
  fprintf(stderr, "usage: flood send TO PORT RATE SECONDS random|IP:PORT TEMPLATES, flood sink IP PORT SECONDS\n");
  return 2;
}
