/* How each server is asked to let a member into its room, and what its frames look like. */
#include "load.h"
#include <stdio.h>
#include <string.h>

static void send_text(struct line *line, const char *text) {
  if (!line_send_text(line, text, strlen(text))) line_lost(line);
}

static void complain(const char *text, size_t bytes) {
  if (counters.errors++ < 3) fprintf(stderr, "answered with %.*s\n", (int)(bytes < 400 ? bytes : 400), text);
}

static void testcast_opened(struct line *line) {
  struct member *member = line->member;
  char room[256], text[768];
  room_name(member, room, sizeof room);
  if (member->last < 0)
    snprintf(text, sizeof text, "{\"id\":1,\"type\":\"room.subscribe\",\"data\":{\"room\":\"%s\"}}", room);
  else
    snprintf(text, sizeof text,
      "{\"id\":1,\"type\":\"room.subscribe\",\"data\":{\"room\":\"%s\",\"offset\":%lld,\"epoch\":\"%s\"}}", room,
      (long long)member->last, room_epochs[member->room]);
  send_text(line, text);
}

static void testcast_text(struct line *line, const char *text, size_t bytes) {
  struct member *member = line->member;
  if (begins(text, bytes, "{\"type\":\"events\"")) {
    take_events(line, text, bytes);
  } else if (begins(text, bytes, "{\"id\":1,\"type\":\"ok\"")) {
    const char *offset = find(text, bytes, "\"offset\":");
    if (!offset) return complain(text, bytes);
    copy_string(text, bytes, "\"epoch\":\"", room_epochs[member->room], sizeof room_epochs[0]);
    line->last = number_at(offset + 9);
    if (member->last < 0) member->last = line->last;
    line_ready(line);
  } else if (begins(text, bytes, "{\"type\":\"closing\"")) {
    const char *in = find(text, bytes, "\"reconnectInMs\":");
    int64_t milliseconds = in ? number_at(in + 16) : 0;
    counters.lost += 1;
    line_close(line);
    if (line != &member->lines[member->current]) return;
    line->port_index = (line->port_index + 1) % settings.port_count;
    member_reconnect_in(member, milliseconds);
  } else if (begins(text, bytes, "{\"type\":\"migrate\"")) {
    char url[512], token[1600];
    copy_string(text, bytes, "\"url\":\"", url, sizeof url);
    copy_string(text, bytes, "\"token\":\"", token, sizeof token);
    copy_string(text, bytes, "\"targetServer\":\"", line->member->server, sizeof line->member->server);
    line_migrate(line, url, strlen(url), token, strlen(token));
  } else if (begins(text, bytes, "{\"type\":\"reset\"")) {
    counters.resets += 1;
  } else if (find(text, bytes < 64 ? bytes : 64, "\"type\":\"error\"")) {
    complain(text, bytes);
  }
}

/* Engine.IO 4 and Socket.IO 5: https://github.com/socketio/socket.io-protocol */
static void socketio_opened(struct line *line) { (void)line; }

static void socketio_connect(struct line *line) {
  const struct member *member = line->member;
  char text[160] = "40";
  if (settings.recover && member->session[0] && member->session_offset[0])
    snprintf(text, sizeof text, "40{\"pid\":\"%s\",\"offset\":\"%s\"}", member->session, member->session_offset);
  send_text(line, text);
}

static void socketio_connected(struct line *line, const char *text, size_t bytes) {
  struct member *member = line->member;
  char session[32];
  copy_string(text, bytes, "\"pid\":\"", session, sizeof session);
  /* The same session again: its rooms are restored, and what was missed follows. */
  if (session[0] && strcmp(session, member->session) == 0) return line_ready(line);
  strcpy(member->session, session);
  char room[256], subscribe[320];
  room_name(member, room, sizeof room);
  snprintf(subscribe, sizeof subscribe, "420[\"sub\",\"%s\"]", room);
  send_text(line, subscribe);
}

static void socketio_text(struct line *line, const char *text, size_t bytes) {
  if (begins(text, bytes, "42[")) {
    take_events(line, text, bytes);
    /* With recovery on, the id of the packet is the last item: ,"<id>"] */
    if (settings.recover && text[bytes - 2] == '"') {
      const char *end = text + bytes - 2, *at = end;
      while (at[-1] != '"') at -= 1;
      size_t length = (size_t)(end - at);
      if (length < sizeof line->member->session_offset) {
        memcpy(line->member->session_offset, at, length);
        line->member->session_offset[length] = 0;
      }
    }
  } else if (begins(text, bytes, "0{")) {
    socketio_connect(line);
  } else if (begins(text, bytes, "40{")) {
    socketio_connected(line, text, bytes);
  } else if (begins(text, bytes, "430")) {
    line_ready(line);
  } else if (bytes == 1 && text[0] == '2') {
    send_text(line, "3");
  } else {
    complain(text, bytes);
  }
}

/* https://centrifugal.dev/docs/transports/client_protocol: commands and replies are lines of a frame. */
static void centrifugo_opened(struct line *line) {
  char room[256], text[400];
  room_name(line->member, room, sizeof room);
  snprintf(text, sizeof text, "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"%s\"}}", room);
  send_text(line, text);
}

static void centrifugo_text(struct line *line, const char *text, size_t bytes) {
  if (begins(text, bytes, "{}")) send_text(line, "{}");
  else if (find(text, bytes, "\"error\":")) complain(text, bytes);
  else if (line->state == LINE_JOINING && find(text, bytes, "\"id\":2")) line_ready(line);
  if (find(text, bytes < 64 ? bytes : 64, "\"push\":")) take_events(line, text, bytes);
}

static void plain_opened(struct line *line) {
  char room[256];
  room_name(line->member, room, sizeof room);
  send_text(line, room);
}

static void plain_text(struct line *line, const char *text, size_t bytes) {
  if (line->state == LINE_JOINING && begins(text, bytes, "ok")) line_ready(line);
  else take_events(line, text, bytes);
}

const struct dialect dialect_testcast = {"testcast", "/stream", testcast_opened, testcast_text};
const struct dialect dialect_socketio = {
  "socketio", "/socket.io/?EIO=4&transport=websocket", socketio_opened, socketio_text};
const struct dialect dialect_centrifugo = {
  "centrifugo", "/connection/websocket", centrifugo_opened, centrifugo_text};
const struct dialect dialect_plain = {"plain", "/", plain_opened, plain_text};
