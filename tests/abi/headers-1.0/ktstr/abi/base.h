/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building blocks of the plugin ABI: text, status, errors, sinks.
 *
 * Rules that hold for every struct of this ABI:
 *  - Every struct but ktstr_str is reached by pointer and led by `size`. Whoever allocates it sets `size` to
 *    sizeof of the struct it was compiled with; whoever reads or writes a field checks with KTSTR_HAS that
 *    `size` covers it. Structs only ever grow at the end. No field is ever reused.
 *  - A field named `reserved` is 0: the host refuses anything else, so that it can get a meaning later. Bits
 *    of flags and capabilities that the reader does not know are ignored.
 *  - Nothing changes hands: a pointer given to a call is borrowed for the duration of that call, whoever gave
 *    it. There is no shared allocator. `void *self` is made by `create` and freed by `destroy` of the same
 *    plugin.
 *  - No exception, longjmp or thread exit crosses the boundary. The C++ headers in ktstr/cpp see to that.
 *  - Fixed-width integers only, no bool, no enum in a struct, no bit field, no implicit padding.
 *  - Text is UTF-8, not NUL-terminated, may hold any byte when it comes from a guest or a file: treat it as
 *    hostile.
 *
 * Tags on functions: [any-thread] may be called from any thread at any time; [serialised] calls into one
 * instance never overlap (instances are independent of each other); [may-block] may take long and should
 * watch host->cancelled.
 */
#ifndef KTSTR_ABI_BASE_H
#define KTSTR_ABI_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define KTSTR_EXTERN_C extern "C"
#else
#define KTSTR_EXTERN_C
#endif

/* A part of a function's type since C++17; before that a typedef may not have it. */
#if defined(__cplusplus) && __cplusplus >= 201703L
#define KTSTR_NOEXCEPT noexcept
#else
#define KTSTR_NOEXCEPT
#endif

#define KTSTR_EXPORT __attribute__((visibility("default")))

/* True when the struct at `p` (whose first field is `size`) has `field`. Test pointers for null as well. */
#define KTSTR_HAS(type, p, field) ((p)->size >= (uint32_t)(offsetof(type, field) + sizeof((p)->field)))

/* Borrowed text: `len` bytes at `ptr`. {0, 0} is the empty text. */
typedef struct ktstr_str {
  const char* ptr;
  uint64_t len;
} ktstr_str;

/* What a call returns. Unknown codes count as KTSTR_INTERNAL. docs/errors.md: what the host makes of each. */
typedef int32_t ktstr_status;
#define KTSTR_OK 0
#define KTSTR_NOT_FOUND 1        /* the named thing does not exist */
#define KTSTR_INVALID_ARGUMENT 2 /* an option or request is wrong: the user can fix it */
#define KTSTR_UNSUPPORTED 3      /* this plugin cannot do that */
#define KTSTR_UNAVAILABLE 4      /* the environment lacks something: no QEMU, no repository, no kernel */
#define KTSTR_IO 5               /* reading or writing failed */
#define KTSTR_CANCELLED 6        /* stopped because host->cancelled or interrupt said so */
#define KTSTR_CONFLICT 7         /* somebody else holds the lock */
#define KTSTR_BAD_DATA 8         /* stored or received data is damaged */
#define KTSTR_INTERNAL 9         /* a bug in the plugin */

/* Filled by the callee when it returns anything but KTSTR_OK; allocated (and `size` set) by the caller. Both
 * texts are NUL-terminated UTF-8, one line each: what is wrong and where, and the fix (empty when there is
 * none). */
typedef struct ktstr_error {
  uint32_t size;
  int32_t code; /* the same as the returned status */
  char message[512];
  char hint[256];
} ktstr_error;

/* A sink that the caller provides; `write` may be called any number of times during the call that it was
 * given to. A status other than KTSTR_OK must be passed on as the result of that call. [any-thread] */
typedef struct ktstr_writer {
  uint32_t size;
  uint32_t reserved; /* 0 */
  void* ctx;
  ktstr_status (*write)(void* ctx, const void* data, uint64_t len) KTSTR_NOEXCEPT;
} ktstr_writer;

#endif
