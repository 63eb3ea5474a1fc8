/** What one edit may be at most. Beyond it the part is malformed and reading goes on behind it. */

/** UTF-16 units of one line. */
export const maxLineLength = 1024 * 1024;
/** Lines of one hunk. */
export const maxHunkLines = 100_000;
/** UTF-16 units of one hunk or of one text among JSON arguments; files of this size are the largest that are edited. */
export const maxHunkLength = 32 * 1024 * 1024;
/** UTF-8 bytes of a path, as in PATH_MAX. */
export const maxPathBytes = 4096;
/** Edits that wait for their path, where the arguments name it last. */
export const maxWaitingEdits = 10_000;
