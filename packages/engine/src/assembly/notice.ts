/** A failure that nobody waits for, as what is told of it. */
import type { EventBody, Failure } from "@twolane/protocol";

export const noticeOf = ({ code, message, cure }: Failure): EventBody => ({
  type: "notice.given",
  code,
  message: `${message} ${cure}`,
});
