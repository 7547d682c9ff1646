/* What is read of an event: its offset, and the stamp of when it was due, "@" and 16 digits. */
#include "load.h"
#include <stdio.h>
#include <string.h>

#define STAMP_DIGITS 16
static const char offset_key[] = "\"offset\":";

const char *find(const char *text, size_t bytes, const char *what) { return memmem(text, bytes, what, strlen(what)); }

bool begins(const char *text, size_t bytes, const char *with) {
  size_t length = strlen(with);
  return bytes >= length && memcmp(text, with, length) == 0;
}

int64_t number_at(const char *text) {
  int64_t value = 0;
  while (*text >= '0' && *text <= '9') value = value * 10 + (*text++ - '0');
  return value;
}

void copy_string(const char *text, size_t bytes, const char *key, char *into, size_t size) {
  into[0] = 0;
  const char *at = find(text, bytes, key);
  if (!at) return;
  at += strlen(key);
  const char *end = memchr(at, '"', (size_t)(text + bytes - at));
  if (!end || (size_t)(end - at) >= size) return;
  memcpy(into, at, (size_t)(end - at));
  into[end - at] = 0;
}

void room_name(const struct member *member, char *into, size_t size) {
  const char *mark = strchr(settings.room, '%');
  if (!mark) snprintf(into, size, "%s", settings.room);
  else snprintf(into, size, "%.*s%d%s", (int)(mark - settings.room), settings.room, member->room, mark + 1);
}

/* The offset that stands last before `end`; every event has one before its stamp. */
static int64_t offset_before(const char *text, const char *end) {
  for (const char *at = end - sizeof offset_key; at >= text; at--)
    if (*at == '"' && memcmp(at, offset_key, sizeof offset_key - 1) == 0) return number_at(at + sizeof offset_key - 1);
  return -1;
}

void member_caught_up(struct member *member) {
  if (member->recovering_since_us == 0 || member->last < member->recovering_to) return;
  histogram_add(&counters.replay, now_us() - member->recovering_since_us);
  member->recovering_since_us = 0;
}

/* How many of the events from `first` to `last` are at or below `seen`. */
static int64_t again_to(int64_t seen, int64_t first, int64_t last) {
  return seen < first ? 0 : (last < seen ? last : seen) - first + 1;
}

void take_events(struct line *line, const char *text, size_t bytes) {
  struct member *member = line->member;
  bool moving_here = line != &member->lines[member->current];
  const char *end = text + bytes, *at = text, *first_stamp = NULL, *last_stamp = NULL;
  int64_t now = now_us(), count = 0;
  while ((at = memchr(at, '@', (size_t)(end - at))) && end - at > STAMP_DIGITS) {
    if (!first_stamp) first_stamp = at;
    last_stamp = at;
    /* What was due before it was in its room tells when it came, not how fast the live way is. */
    int64_t due = number_at(at + 1);
    if (due >= member->ready_us) histogram_add(&counters.latency, now - due);
    else counters.replayed += 1;
    if (settings.arrivals) fprintf(settings.arrivals, "%lld %lld\n", (long long)due, (long long)now);
    at += STAMP_DIGITS;
    count += 1;
  }
  if (count == 0) return;
  int64_t first = offset_before(text, first_stamp), last = count == 1 ? first : offset_before(text, last_stamp);
  counters.frames += 1;
  counters.events += (uint64_t)count;
  if (first < 0 || last - first + 1 != count) {
    counters.errors += 1;
    return;
  }
  /* What the other server restored is a hint: it begins anew from the offset that the member asks for, and that counts. */
  if (moving_here) {
    counters.overlapping += (uint64_t)count;
    return;
  }
  if (line->last >= 0 && first > line->last + 1) counters.missing += (uint64_t)(first - line->last - 1);
  int64_t again = again_to(line->last, first, last);
  /* Sent on two lines, each in order: whoever moves drops what it has seen. */
  int64_t seen = again_to(member->last, first, last);
  counters.repeated += (uint64_t)again;
  if (seen > again) counters.overlapping += (uint64_t)(seen - again);
  if (last > line->last) line->last = last;
  if (last > member->last) member->last = last;
  if (last > room_heads[member->room]) room_heads[member->room] = last;
  member_caught_up(member);
}
