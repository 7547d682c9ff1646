#ifndef LOAD_H
#define LOAD_H
#include "histogram.h"
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum line_state { LINE_CLOSED, LINE_CONNECTING, LINE_ASKING, LINE_UPGRADING, LINE_JOINING, LINE_READY };

struct member;

/* One TCP connection of a member: it has two while it moves to another server. */
struct line {
  int fd;
  enum line_state state;
  struct member *member;
  int64_t began_us;
  int port_index;
  /* Offset of the newest event that came on it, at first the one that it goes on from; -1 where nobody has said. */
  int64_t last;
  /* Received, and not yet a whole frame. */
  char *partial;
  size_t partial_bytes;
  /* Ticket of a move, for the path of the upgrade. */
  char *migration;
  /* Ticket of POST /v1/connect. */
  char *ticket;
};

enum member_timer { TIMER_NONE, TIMER_CONNECT, TIMER_CUT, TIMER_READ };

/* One subscriber of one room, whatever connection it is on. */
struct member {
  int index;
  int room;
  /* Offset of the newest event seen; -1 before the first. */
  int64_t last;
  struct line lines[2];
  int current;
  /* Which of the ask ports it asks next. */
  int ask_index;
  unsigned attempts;
  bool counted_ready;
  bool slow;
  /* Since when it comes back, and the offset at which it is back: what others in its room had seen by then. */
  int64_t recovering_since_us;
  int64_t recovering_to;
  /* When it came to be in its room. */
  int64_t ready_us;
  /* Since when it has had no connection. */
  int64_t away_since_us;
  /* Session of Socket.IO, for its recovery. */
  char session[32];
  char session_offset[32];
  /* The server that it was on or sent to last, which it asks not to be sent to again: it is gone. */
  char server[64];
  /* Its place in the wheel of timers. */
  enum member_timer timer;
  int64_t timer_due;
  struct member *timer_next, **timer_link;
};

struct dialect {
  const char *name;
  const char *path;
  /* The upgrade was accepted. */
  void (*opened)(struct line *line);
  void (*text)(struct line *line, const char *text, size_t bytes);
};

struct settings {
  const struct dialect *dialect;
  int ports[8];
  int port_count;
  char path[2048];
  char header[2048];
  char room[256];
  int sockets;
  int rooms;
  /* Handshakes at once; 0 = all. */
  int opening;
  int sources;
  int slow;
  int slow_bytes;
  bool recover;
  /* Whether a room's members begin at all of the ports in turn, instead of at the first. */
  bool spread;
  /* Where each arrival is written to: when it was due, and when it came; NULL = nowhere. */
  FILE *arrivals;
  /* Where POST /v1/connect is asked for a server and a ticket before each connect; none = nobody asks. */
  int ask_ports[8];
  int ask_count;
};

struct counters {
  int64_t began_us;
  double began_cpu;
  uint64_t frames, events, bytes, reads;
  uint64_t missing, repeated, overlapping, replayed;
  uint64_t reconnects, lost, cut, moved, refused, errors, resets;
  struct histogram latency, replay, upgraded, joined, away;
};

extern struct settings settings;
extern struct counters counters;
extern struct member *members;
extern int64_t *room_heads;
extern char (*room_epochs)[64];
extern int ready_count;
extern bool flapping;

/* Of the monotonic clock, which every process of the machine shares. */
int64_t now_us(void);
unsigned random_below(unsigned limit);

/* connect.c */
void lines_start(int epoll);
void line_connect(struct member *member, int which);
void line_close(struct line *line);
void line_lost(struct line *line);
void line_on_event(struct line *line, unsigned events);
void line_wait(struct line *line, bool writable, bool readable);
void member_reconnect_in(struct member *member, int64_t milliseconds);
void member_read_slowly(struct member *member);
int opening_count(void);
void line_ready(struct line *line);
void line_migrate(struct line *line, const char *url, size_t url_bytes, const char *token, size_t token_bytes);

/* frames.c */
bool line_send_text(struct line *line, const char *text, size_t bytes);
/* Handles the whole frames; returns the bytes used, or -1 when the line is gone. */
long line_take_frames(struct line *line, char *data, size_t bytes);

/* events.c */
void take_events(struct line *line, const char *text, size_t bytes);
const char *find(const char *text, size_t bytes, const char *what);
int64_t number_at(const char *text);
bool begins(const char *text, size_t bytes, const char *with);
/* Copies the JSON string that follows `key`; empty when there is none. */
void copy_string(const char *text, size_t bytes, const char *key, char *into, size_t size);
void room_name(const struct member *member, char *into, size_t size);
void member_caught_up(struct member *member);

/* timers.c */
void timer_set(struct member *member, enum member_timer timer, int64_t milliseconds);
void timer_clear(struct member *member);
void timers_run(void (*due)(struct member *member, enum member_timer timer));

/* report.c */
void report_print(const char *name);
void report_clear(void);

extern const struct dialect dialect_testcast, dialect_socketio, dialect_centrifugo, dialect_plain;

#endif
