/** What requests and commands of a session ask of its telemetry. */
import type { ModelRequest } from "../models/models.ts";

export interface SessionTracing {
  /** What a request of this step to this model says of its trace. */
  traced(step: number, model: string): Pick<ModelRequest, "traceparent">;
  /** What a command finds in its environment. */
  environmentOf(call: string): Readonly<Record<string, string>>;
}
