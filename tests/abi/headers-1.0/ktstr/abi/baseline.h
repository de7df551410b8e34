/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ktstr.baseline/1: what a tree's commit is and what to compare it against. Reads no environment (the host
 * does) and never writes to the user's repository. A commit is whatever the project's states are: of git, of
 * Mercurial, or the numbers of builds.
 */
#ifndef KTSTR_ABI_BASELINE_H
#define KTSTR_ABI_BASELINE_H

#include <ktstr/abi/base.h>

/* One commit. Texts are NUL-terminated; allocated by whoever asks, or borrowed for a visitor's call. */
typedef struct ktstr_commit {
  uint32_t size;
  uint32_t reserved; /* 0 */
  char id[72];       /* tells it from every other, and is what calls take back: printable, without spaces */
  char label[48]; /* its short name, a part of run directories and tables: letters, digits, ".", "_" and "+"
                     and "-", not "." or "-" first, unlike that of every other commit */
  char summary[184]; /* first line of its message, cut; may be empty */
  int64_t time_s;    /* seconds since 1970; 0: not known */
} ktstr_commit;

#define KTSTR_TREE_IS_REPOSITORY 1u
#define KTSTR_TREE_DIRTY 2u   /* a tracked file differs from HEAD; untracked files do not count */
#define KTSTR_TREE_SHALLOW 4u /* a shallow clone: a merge base may be out of reach */

/* Allocated by the caller. Without a repository, or before its first commit, flags is 0 and the commit's id
 * empty: that is no error. */
typedef struct ktstr_tree {
  uint32_t size;
  uint32_t flags;          /* KTSTR_TREE_* */
  ktstr_commit* commit;    /* HEAD; the caller's, to be filled in */
  char branch[120];        /* short name of the checked-out branch, cut at 119 bytes; empty when detached */
  char subdirectory[1024]; /* where `path` lies below the tree's root: "" for the root itself, else "a/b" */
  char state[72]; /* with KTSTR_TREE_DIRTY: another value whenever the content of a tracked file changes;
                     empty: cannot be told */
} ktstr_tree;

/* How a baseline was chosen; also the order of precedence. */
#define KTSTR_BASELINE_BASE 1u     /* `base`, directly */
#define KTSTR_BASELINE_BASE_REF 2u /* merge base of HEAD and `base_ref` */
#define KTSTR_BASELINE_CI_REF 3u   /* merge base of HEAD and origin/`ci_base_ref` */
#define KTSTR_BASELINE_DEFAULT 4u  /* merge base of HEAD and `default_branch` */

typedef struct ktstr_baseline_request {
  uint32_t size;
  uint32_t reserved;                     /* 0 */
  ktstr_str path;                        /* a directory inside the tree */
  ktstr_str base, base_ref, ci_base_ref; /* empty: not given */
  ktstr_str default_branch;              /* never empty */
} ktstr_baseline_request;

typedef struct ktstr_resolved {
  uint32_t size;
  uint32_t how;         /* KTSTR_BASELINE_* */
  ktstr_commit* commit; /* the caller's, to be filled in */
  char how_text[184];   /* for people: "merge base of HEAD and main" */
} ktstr_resolved;

#define KTSTR_CHECKOUT_WORKTREE                                   \
  1u /* not the commit but the tree as it lies there: tracked and \
        untracked-not-ignored files */

/* One commit of a range. A status other than KTSTR_OK stops the walk and becomes its result. */
typedef ktstr_status (*ktstr_commit_visitor)(void* ctx, const ktstr_commit* commit) KTSTR_NOEXCEPT;

/* Which difference a person wants to see. */
typedef struct ktstr_diff_request {
  uint32_t size;
  uint32_t reserved; /* 0 */
  ktstr_str path;    /* a directory inside the tree */
  ktstr_str base;    /* id; empty: what `head` itself changed */
  ktstr_str head;    /* id; empty: the tree as it lies there */
} ktstr_diff_request;

/* One path of a change. A status other than KTSTR_OK stops the walk and becomes its result. */
typedef ktstr_status (*ktstr_path_visitor)(void* ctx, ktstr_str path) KTSTR_NOEXCEPT;

typedef struct ktstr_baseline_v1 {
  uint32_t size;
  uint32_t capabilities; /* 0 */

  /* What `path` is in. Walks up from it to find the repository. [any-thread] [may-block] */
  ktstr_status (*describe)(void* self, ktstr_str path, ktstr_tree* out, ktstr_error* error) KTSTR_NOEXCEPT;

  /* The commit to compare against. KTSTR_NOT_FOUND when a name does not resolve or there is no merge base
   * (hint: shallow clone, missing branch), KTSTR_UNAVAILABLE without a repository.
   * [any-thread] [may-block] */
  ktstr_status (*resolve)(void* self, const ktstr_baseline_request* request, ktstr_resolved* out,
                          ktstr_error* error) KTSTR_NOEXCEPT;

  /* Writes the files of `commit` (or, with KTSTR_CHECKOUT_WORKTREE, of the tree itself) into `destination`,
   * an existing empty directory that the host made and will remove. The result is a plain tree without .git.
   * [any-thread] [may-block] */
  ktstr_status (*checkout)(void* self, ktstr_str path, ktstr_str commit, ktstr_str destination,
                           uint32_t flags, ktstr_error* error) KTSTR_NOEXCEPT;

  /* The commits from `good` to `bad`, both included, oldest first, along first parents: a merge counts as one
   * change. KTSTR_NOT_FOUND when a name does not resolve or `good` is not on that line. May be null.
   * [any-thread] [may-block] */
  ktstr_status (*range)(void* self, ktstr_str path, ktstr_str good, ktstr_str bad, ktstr_commit_visitor visit,
                        void* ctx, ktstr_error* error) KTSTR_NOEXCEPT;

  /* Writes the command line that shows a difference, to be typed in the project: "git diff abc1234 def5678".
   * May be null. [any-thread] [may-block] */
  ktstr_status (*diff_command)(void* self, const ktstr_diff_request* request, const ktstr_writer* out,
                               ktstr_error* error) KTSTR_NOEXCEPT;

  /* The files that differ between `base`, which is never empty here, and `head`, as paths below the tree's
   * root, in any order: made, changed, removed, and both names of a renamed one. With an empty `head` also
   * what is not committed, and files that are neither tracked nor ignored. Too many are better than too few.
   * KTSTR_UNSUPPORTED: this baseline cannot tell, as when it is null. [any-thread] [may-block] */
  ktstr_status (*changed_files)(void* self, const ktstr_diff_request* request, ktstr_path_visitor visit,
                                void* ctx, ktstr_error* error) KTSTR_NOEXCEPT;
} ktstr_baseline_v1;

#endif
