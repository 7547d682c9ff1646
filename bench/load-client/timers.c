/* A wheel of 8 ms: a member has one timer, and setting it again costs nothing. */
#include "load.h"

#define SLOTS 4096
#define TICK_US 8000

static struct member *wheel[SLOTS];
static int64_t ran_to;

void timer_clear(struct member *member) {
  if (member->timer == TIMER_NONE) return;
  *member->timer_link = member->timer_next;
  if (member->timer_next) member->timer_next->timer_link = member->timer_link;
  member->timer = TIMER_NONE;
}

void timer_set(struct member *member, enum member_timer timer, int64_t milliseconds) {
  timer_clear(member);
  int64_t due = now_us() / TICK_US + milliseconds * 1000 / TICK_US;
  if (due <= ran_to) due = ran_to + 1;
  struct member **slot = &wheel[due % SLOTS];
  member->timer = timer;
  member->timer_due = due;
  member->timer_next = *slot;
  member->timer_link = slot;
  if (*slot) (*slot)->timer_link = &member->timer_next;
  *slot = member;
}

void timers_run(void (*due)(struct member *member, enum member_timer timer)) {
  int64_t now = now_us() / TICK_US;
  if (ran_to == 0) ran_to = now - 1;
  while (ran_to < now) {
    ran_to += 1;
    struct member *member = wheel[ran_to % SLOTS];
    while (member) {
      /* What is due may set its timer anew, and never that of another. */
      struct member *next = member->timer_next;
      if (member->timer_due <= ran_to) {
        enum member_timer timer = member->timer;
        timer_clear(member);
        due(member, timer);
      }
      member = next;
    }
  }
}
