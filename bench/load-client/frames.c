/* RFC 6455, as far as a client needs it that is only ever sent whole messages. */
#include "load.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { OPCODE_TEXT = 1, OPCODE_CLOSE = 8, OPCODE_PING = 9, OPCODE_PONG = 10 };

static bool send_frame(struct line *line, int opcode, const char *payload, size_t bytes) {
  char frame[2048];
  size_t header = bytes < 126 ? 2 : 4;
  if (header + 4 + bytes > sizeof frame) return false;
  frame[0] = (char)(0x80 | opcode);
  if (header == 2) {
    frame[1] = (char)(0x80 | bytes);
  } else {
    frame[1] = (char)(0x80 | 126);
    frame[2] = (char)(bytes >> 8);
    frame[3] = (char)bytes;
  }
  /* A mask of zeros is a mask: the payload is what it was. */
  memset(frame + header, 0, 4);
  memcpy(frame + header + 4, payload, bytes);
  size_t all = header + 4 + bytes;
  return send(line->fd, frame, all, MSG_NOSIGNAL) == (ssize_t)all;
}

bool line_send_text(struct line *line, const char *text, size_t bytes) {
  return send_frame(line, OPCODE_TEXT, text, bytes);
}

long line_take_frames(struct line *line, char *data, size_t bytes) {
  size_t at = 0;
  while (bytes - at >= 2) {
    const unsigned char *head = (const unsigned char *)data + at;
    size_t length = head[1] & 127, header = 2;
    if (length == 126) {
      header = 4;
      if (bytes - at < header) break;
      length = (size_t)head[2] << 8 | head[3];
    } else if (length == 127) {
      header = 10;
      if (bytes - at < header) break;
      length = 0;
      for (int i = 2; i < 10; i++) length = length << 8 | head[i];
    }
    if (bytes - at < header + length) break;
    if ((head[0] & 0xf0) != 0x80 || (head[1] & 0x80)) {
      fprintf(stderr, "a frame that is not a whole, plain message: 0x%02x 0x%02x\n", head[0], head[1]);
      exit(3);
    }
    char *payload = data + at + header;
    switch (head[0] & 15) {
    case OPCODE_TEXT:
      settings.dialect->text(line, payload, length);
      break;
    case OPCODE_PING:
      if (length < 126) send_frame(line, OPCODE_PONG, payload, length);
      break;
    case OPCODE_CLOSE:
      send_frame(line, OPCODE_CLOSE, payload, length < 126 ? length : 0);
      line_lost(line);
      return -1;
    default:
      break;
    }
    if (line->state == LINE_CLOSED) return -1;
    at += header + length;
  }
  return (long)at;
}
