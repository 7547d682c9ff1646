/* The life of a connection: TCP, upgrade, frames, loss, and the way back. */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* packages/client waits as long while an outage is under half a minute: full jitter, the first time too. */
#define BACKOFF_BASE_MS 500
#define BACKOFF_CAP_MS 1500

static int epoll;
static int opening;
static char buffer[2 << 20];

void lines_start(int epoll_fd) { epoll = epoll_fd; }
int opening_count(void) { return opening; }

static int which_of(const struct line *line) { return (int)(line - line->member->lines); }

void line_wait(struct line *line, bool writable, bool readable) {
  struct epoll_event event = {.events = (writable ? EPOLLOUT : 0) | (readable ? EPOLLIN : 0), .data.ptr = line};
  epoll_ctl(epoll, EPOLL_CTL_MOD, line->fd, &event);
}

void member_reconnect_in(struct member *member, int64_t milliseconds) { timer_set(member, TIMER_CONNECT, milliseconds); }

static void back_off(struct member *member, int64_t at_least_ms) {
  int64_t bound = member->attempts > 6 ? BACKOFF_CAP_MS : (int64_t)BACKOFF_BASE_MS << member->attempts;
  if (bound > BACKOFF_CAP_MS) bound = BACKOFF_CAP_MS;
  member->attempts += 1;
  member_reconnect_in(member, at_least_ms + random_below((unsigned)bound));
}

/* Whether the connection that it is about to make, or has made, is for the question where to go. */
static bool asks(const struct line *line) { return settings.ask_count && !line->ticket && !line->migration; }

static int port_of(const struct line *line) {
  return asks(line) ? settings.ask_ports[line->member->ask_index] : settings.ports[line->port_index];
}

static void dial(struct line *line) {
  struct member *member = line->member;
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
  int yes = 1;
  line->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (line->fd < 0) {
    fprintf(stderr, "no socket: %s\n", strerror(errno));
    exit(3);
  }
  /* Some thousands of ports an address: more sources, and no bucket of connects is one machine's. */
  setsockopt(line->fd, SOL_IP, 24 /* IP_BIND_ADDRESS_NO_PORT */, &yes, sizeof yes);
  from.sin_addr.s_addr = htonl(0x7f000002u + (unsigned)(member->index % settings.sources));
  bind(line->fd, (struct sockaddr *)&from, sizeof from);
  to.sin_addr.s_addr = htonl(0x7f000001u);
  to.sin_port = htons((uint16_t)port_of(line));
  line->state = LINE_CONNECTING;
  struct epoll_event event = {.events = EPOLLOUT, .data.ptr = line};
  epoll_ctl(epoll, EPOLL_CTL_ADD, line->fd, &event);
  if (connect(line->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) line_lost(line);
}

void line_connect(struct member *member, int which) {
  struct line *line = &member->lines[which];
  line->began_us = now_us();
  line->last = member->last;
  opening += 1;
  if (member->last >= 0 && which == member->current) {
    member->recovering_since_us = line->began_us;
    member->recovering_to = room_heads[member->room];
  }
  dial(line);
}

void line_close(struct line *line) {
  if (line->state == LINE_CLOSED) return;
  if (line->state != LINE_READY) opening -= 1;
  line->state = LINE_CLOSED;
  close(line->fd);
  free(line->partial);
  free(line->migration);
  free(line->ticket);
  line->partial = line->migration = line->ticket = NULL;
  line->partial_bytes = 0;
  struct member *member = line->member;
  if (member->counted_ready && member->lines[0].state != LINE_READY && member->lines[1].state != LINE_READY) {
    member->counted_ready = false;
    member->away_since_us = now_us();
    ready_count -= 1;
  }
}

static void lost(struct line *line, int64_t at_least_ms) {
  struct member *member = line->member;
  if (asks(line)) member->ask_index = (member->ask_index + 1) % settings.ask_count;
  line_close(line);
  /* The way to another server failed: the old one still serves. */
  if (which_of(line) != member->current) return;
  line->port_index = (line->port_index + 1) % settings.port_count;
  back_off(member, at_least_ms);
}

void line_lost(struct line *line) {
  if (line->state == LINE_CLOSED) return;
  if (line->state == LINE_READY) counters.lost += 1;
  lost(line, 0);
}

static int port_index_of(long port, int otherwise) {
  for (int i = 0; i < settings.port_count; i++)
    if (settings.ports[i] == port) return i;
  return otherwise;
}

static void send_question(struct line *line) {
  char request[3072], body[128] = "{}";
  const char *server = line->member->server;
  if (server[0]) snprintf(body, sizeof body, "{\"avoid\":[\"%s\"]}", server);
  int bytes = snprintf(request, sizeof request,
    "POST /v1/connect HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n\r\n%s",
    port_of(line), (int)strlen(body), settings.header, body);
  if (send(line->fd, request, (size_t)bytes, MSG_NOSIGNAL) != bytes) return line_lost(line);
  line->state = LINE_ASKING;
  line_wait(line, false, true);
}

/* Goes on to the server that the answer names; to another than was asked, as a rule. */
static void take_reply(struct line *line, const char *data, size_t bytes) {
  char url[512], ticket[2048];
  copy_string(data, bytes, "\"url\":\"", url, sizeof url);
  copy_string(data, bytes, "\"ticket\":\"", ticket, sizeof ticket);
  const char *port = strrchr(url, ':');
  if (!begins(data, bytes, "HTTP/1.1 200 ") || !port || !ticket[0]) {
    if (counters.refused == 0) fprintf(stderr, "refused: %.*s\n", (int)(bytes < 300 ? bytes : 300), data);
    counters.refused += 1;
    lost(line, 0);
    return;
  }
  close(line->fd);
  free(line->partial);
  line->partial = NULL;
  line->partial_bytes = 0;
  line->ticket = strdup(ticket);
  copy_string(data, bytes, "\"serverId\":\"", line->member->server, sizeof line->member->server);
  line->port_index = port_index_of(number_at(port + 1), line->port_index);
  dial(line);
}

static void send_upgrade(struct line *line) {
  char request[6144];
  if (asks(line)) return send_question(line);
  const char *name = line->migration ? "migration=" : line->ticket ? "ticket=" : "";
  const char *value = line->migration ? line->migration : line->ticket ? line->ticket : "";
  const char *joint = strchr(settings.path, '?') ? "&" : "?";
  int bytes = snprintf(request, sizeof request,
    "GET %s%s%s%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s%s\r\n",
    settings.path, name[0] ? joint : "", name, value, settings.ports[line->port_index],
    line->ticket ? "" : settings.header, settings.header[0] && !line->ticket ? "\r\n" : "");
  if (send(line->fd, request, (size_t)bytes, MSG_NOSIGNAL) == bytes) {
    line->state = LINE_UPGRADING;
    line_wait(line, false, true);
  } else if (errno != EAGAIN && errno != ENOTCONN) {
    line_lost(line);
  }
}

/* Returns the bytes of the answer's head, 0 when it is not whole, -1 when the upgrade was refused. */
static long take_answer(struct line *line, char *data, size_t bytes) {
  const char *end = find(data, bytes, "\r\n\r\n");
  if (!end) return 0;
  if (begins(data, bytes, "HTTP/1.1 101 ")) {
    histogram_add(&counters.upgraded, now_us() - line->began_us);
    line->state = LINE_JOINING;
    settings.dialect->opened(line);
    return end + 4 - data;
  }
  if (counters.refused == 0) fprintf(stderr, "refused: %.*s\n", (int)(bytes < 300 ? bytes : 300), data);
  counters.refused += 1;
  const char *retry = strcasestr(data, "\r\nretry-after:");
  int64_t seconds = retry && retry < end ? number_at(retry + 14 + (retry[14] == ' ')) : 0;
  lost(line, seconds * 1000);
  return -1;
}

static void take(struct line *line, size_t most) {
  memcpy(buffer, line->partial, line->partial_bytes);
  size_t had = line->partial_bytes, room = sizeof buffer - 1 - had;
  ssize_t got = recv(line->fd, buffer + had, most < room ? most : room, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    line_lost(line);
    return;
  }
  counters.reads += 1;
  counters.bytes += (uint64_t)got;
  size_t bytes = had + (size_t)got;
  long used = 0;
  buffer[bytes] = 0;
  if (line->state == LINE_ASKING && find(buffer, bytes, "}")) {
    take_reply(line, buffer, bytes);
    return;
  }
  if (line->state == LINE_UPGRADING) {
    used = take_answer(line, buffer, bytes);
    if (used < 0) return;
  }
  if (line->state != LINE_UPGRADING && line->state != LINE_ASKING) {
    long more = line_take_frames(line, buffer + used, bytes - (size_t)used);
    if (more < 0) return;
    used += more;
  }
  size_t left = bytes - (size_t)used;
  if (left > line->partial_bytes) line->partial = realloc(line->partial, left);
  if (left) memcpy(line->partial, buffer + used, left);
  line->partial_bytes = left;
  if (left == 0 && line->partial) {
    free(line->partial);
    line->partial = NULL;
  }
}

void line_on_event(struct line *line, unsigned events) {
  if (line->state == LINE_CLOSED) return;
  if (line->state == LINE_CONNECTING) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(line->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) line_lost(line);
    else send_upgrade(line);
    return;
  }
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) take(line, sizeof buffer);
}

void member_read_slowly(struct member *member) {
  struct line *line = &member->lines[member->current];
  if (line->state != LINE_READY) return;
  take(line, (size_t)settings.slow_bytes);
  if (line->state == LINE_READY) timer_set(member, TIMER_READ, 100);
}

void line_ready(struct line *line) {
  struct member *member = line->member;
  if (line->state != LINE_JOINING) return;
  line->state = LINE_READY;
  opening -= 1;
  int64_t now = now_us();
  histogram_add(&counters.joined, now - line->began_us);
  struct line *other = &member->lines[1 - which_of(line)];
  if (other->state != LINE_CLOSED) {
    counters.moved += 1;
    line_close(other);
  }
  member->current = which_of(line);
  member->attempts = 0;
  if (!member->counted_ready) {
    member->counted_ready = true;
    member->ready_us = now;
    ready_count += 1;
    if (member->away_since_us) {
      counters.reconnects += 1;
      histogram_add(&counters.away, now - member->away_since_us);
    }
    if (ready_count == settings.sockets) printf("{\"report\":\"all-ready\",\"us\":%lld}\n", (long long)now);
  }
  member_caught_up(member);
  if (flapping) timer_set(member, TIMER_CUT, 10000 + random_below(10000));
  if (member->slow) {
    line_wait(line, false, false);
    timer_set(member, TIMER_READ, 100);
  }
}

void line_migrate(struct line *line, const char *url, size_t url_bytes, const char *token, size_t token_bytes) {
  struct member *member = line->member;
  struct line *target = &member->lines[1 - which_of(line)];
  const char *port = memrchr(url, ':', url_bytes);
  if (target->state != LINE_CLOSED || !port) return;
  target->port_index = port_index_of(number_at(port + 1), line->port_index);
  target->migration = strndup(token, token_bytes);
  line_connect(member, which_of(target));
}
