/*
 * Thousands of WebSocket subscribers in one process of little cost: one epoll loop that counts events and reads the
 * stamps in them. Options are name=value; commands come on stdin: mark (report, and count anew), report, flap on|off, quit.
 */
#include "load.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

struct settings settings = {.dialect = &dialect_testcast, .sockets = 1, .rooms = 1, .opening = 256, .sources = 16,
  .slow_bytes = 2048, .recover = true};
struct counters counters;
struct member *members;
int64_t *room_heads;
char (*room_epochs)[64];
int ready_count;
bool flapping;

/* Members that are to connect, in order; one is in it at most once. */
static int *queue, queue_first, queue_count;
static unsigned seed = 1;

int64_t now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

unsigned random_below(unsigned limit) {
  seed = seed * 1103515245u + 12345u;
  return limit == 0 ? 0 : (unsigned)(((uint64_t)(seed >> 8) * limit) >> 24);
}

static void enqueue(struct member *member) {
  queue[(queue_first + queue_count) % settings.sockets] = member->index;
  queue_count += 1;
}

static void open_waiting(void) {
  while (queue_count > 0 && (settings.opening == 0 || opening_count() < settings.opening)) {
    struct member *member = &members[queue[queue_first]];
    queue_first = (queue_first + 1) % settings.sockets;
    queue_count -= 1;
    line_connect(member, member->current);
  }
}

static void on_timer(struct member *member, enum member_timer timer) {
  struct line *line = &member->lines[member->current];
  if (timer == TIMER_CONNECT) {
    enqueue(member);
  } else if (timer == TIMER_READ) {
    member_read_slowly(member);
  } else if (timer == TIMER_CUT && flapping && line->state == LINE_READY) {
    counters.cut += 1;
    line_close(line);
    member_reconnect_in(member, 2000);
  }
}

static void set_flapping(bool on) {
  flapping = on;
  if (on)
    for (int i = 0; i < settings.sockets; i++)
      if (members[i].lines[members[i].current].state == LINE_READY) timer_set(&members[i], TIMER_CUT, random_below(15000));
}

static bool command(const char *text) {
  if (strcmp(text, "quit") == 0) return false;
  if (strcmp(text, "mark") == 0) {
    report_print("mark");
    report_clear();
  } else if (strcmp(text, "report") == 0) {
    report_print("report");
  } else if (strcmp(text, "flap on") == 0) {
    set_flapping(true);
  } else if (strcmp(text, "flap off") == 0) {
    set_flapping(false);
  }
  return true;
}

/* Returns false at the end of stdin as well: whoever started this is gone. */
static bool take_commands(void) {
  static char text[4096];
  static size_t bytes;
  ssize_t got = read(0, text + bytes, sizeof text - 1 - bytes);
  if (got <= 0) return false;
  bytes += (size_t)got;
  char *end;
  while ((end = memchr(text, '\n', bytes))) {
    *end = 0;
    if (!command(text)) return false;
    bytes -= (size_t)(end + 1 - text);
    memmove(text, end + 1, bytes);
  }
  return true;
}

static void fail(const char *what) {
  fprintf(stderr, "%s is not an option of the load client, or its value is wrong\n", what);
  exit(2);
}

static void set_dialect(const char *name) {
  const struct dialect *all[] = {&dialect_testcast, &dialect_socketio, &dialect_centrifugo, &dialect_plain};
  for (int i = 0; i < 4; i++)
    if (strcmp(all[i]->name, name) == 0) {
      settings.dialect = all[i];
      return;
    }
  fail(name);
}

static int ports_of(const char *text, int ports[8]) {
  int count = 0;
  for (; text && count < 8; text = strchr(text, ',')) {
    if (*text == ',') text += 1;
    ports[count++] = atoi(text);
  }
  return count;
}

static void option(char *text) {
  char *value = strchr(text, '=');
  if (!value) fail(text);
  *value++ = 0;
  const struct {
    const char *name;
    int *into;
  } numbers[] = {{"sockets", &settings.sockets}, {"rooms", &settings.rooms}, {"opening", &settings.opening},
    {"sources", &settings.sources}, {"slow", &settings.slow}, {"slow-bytes", &settings.slow_bytes}};
  for (int i = 0; i < 6; i++)
    if (strcmp(numbers[i].name, text) == 0) {
      *numbers[i].into = atoi(value);
      return;
    }
  if (strcmp(text, "dialect") == 0) set_dialect(value);
  else if (strcmp(text, "ports") == 0) settings.port_count = ports_of(value, settings.ports);
  else if (strcmp(text, "path") == 0) snprintf(settings.path, sizeof settings.path, "%s", value);
  else if (strcmp(text, "header") == 0) snprintf(settings.header, sizeof settings.header, "%s", value);
  else if (strcmp(text, "room") == 0) snprintf(settings.room, sizeof settings.room, "%s", value);
  else if (strcmp(text, "spread") == 0) settings.spread = strcmp(value, "yes") == 0;
  else if (strcmp(text, "ask") == 0) settings.ask_count = ports_of(value, settings.ask_ports);
  else if (strcmp(text, "recover") == 0) settings.recover = strcmp(value, "no") != 0;
  else if (strcmp(text, "arrivals") == 0) settings.arrivals = fopen(value, "w");
  else fail(text);
}

static void make_members(void) {
  members = calloc((size_t)settings.sockets, sizeof *members);
  queue = calloc((size_t)settings.sockets, sizeof *queue);
  room_heads = calloc((size_t)settings.rooms, sizeof *room_heads);
  room_epochs = calloc((size_t)settings.rooms, sizeof *room_epochs);
  for (int i = 0; i < settings.sockets; i++) {
    struct member *member = &members[i];
    member->index = i;
    member->room = i % settings.rooms;
    member->last = -1;
    member->slow = i < settings.slow;
    member->lines[0].member = member->lines[1].member = member;
    if (settings.spread) member->lines[0].port_index = i / settings.rooms % settings.port_count;
    if (settings.ask_count) member->ask_index = i % settings.ask_count;
    enqueue(member);
  }
}

int main(int count, char **texts) {
  for (int i = 1; i < count; i++) option(texts[i]);
  if (settings.port_count == 0 || settings.sockets < 1 || settings.sockets > 19900 || settings.rooms < 1 ||
    settings.sources < 1)
    fail("ports, sockets (1 to 19900), rooms or sources");
  if (settings.path[0] == 0) snprintf(settings.path, sizeof settings.path, "%s", settings.dialect->path);
  setvbuf(stdout, NULL, _IOLBF, 0);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event events[1024], input = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &input);
  lines_start(epoll);
  make_members();
  report_clear();
  int64_t second = now_us() + 1000000;
  for (;;) {
    open_waiting();
    int ready = epoll_wait(epoll, events, 1024, 8);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.ptr) line_on_event(events[i].data.ptr, events[i].events);
      else if (!take_commands()) return 0;
    }
    timers_run(on_timer);
    if (now_us() < second) continue;
    second += 1000000;
    report_print("second");
  }
}
