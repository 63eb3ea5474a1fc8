/** Images that a person names stay in the conversation; a model that reads text only is asked without them. */
import type { ConversationItem, ModelRequest, ModelSession } from "./models.ts";

const plainItems = new WeakMap<ConversationItem, ConversationItem>();

/** The session as it is where the model sees, else one that leaves images out. */
export function asItSees(session: ModelSession): ModelSession {
  if (session.capabilities.images === true) return session;
  return {
    model: session.model,
    capabilities: session.capabilities,
    prewarm: (request) => session.prewarm(request && plainRequest(request)),
    respond: (request, onEvent) => session.respond(plainRequest(request), onEvent),
    close: () => session.close(),
  };
}

const hasImages = (item: ConversationItem): boolean => item.kind === "user" && item.images !== undefined;

/** The same item always gives the same object: what is new in a request is found by that. */
function plainRequest(request: ModelRequest): ModelRequest {
  if (!request.items.some(hasImages)) return request;
  return { ...request, items: request.items.map((item) => (hasImages(item) ? plainItem(item) : item)) };
}

function plainItem(item: ConversationItem): ConversationItem {
  const known = plainItems.get(item);
  if (known !== undefined || item.kind !== "user") return known ?? item;
  const { images: _, ...plain } = item;
  plainItems.set(item, plain);
  return plain;
}

/** `data:` with its content. */
export const imageUrl = ({ mime, data }: { readonly mime: string; readonly data: string }): string =>
  `data:${mime};base64,${data}`;
