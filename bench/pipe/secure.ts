/** TLS in front of a server that has none, with a certificate that is made for the run and thrown away. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type Server, createServer } from "node:tls";
import { type Line, listening, portOf } from "./delay.ts";

export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
  /** What a client must trust. */
  readonly certFile: string;
}

/** For 127.0.0.1. Undefined where this machine has no `openssl`. */
export function makeCertificate(folder: string): Certificate | undefined {
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  const name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  try {
    execFileSync("openssl", ["req", "-x509", ...curve, ...name, "-keyout", keyFile, "-out", certFile], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  return { key: readFileSync(keyFile), cert: readFileSync(certFile), certFile };
}

/** TLS 1.3 outside, plain to `target` inside. */
export async function openSecure(target: number, { key, cert }: Certificate): Promise<Line> {
  const server: Server = createServer({ key, cert, minVersion: "TLSv1.3" }, (client) => {
    const upstream = connect({ port: target, host: "127.0.0.1" });
    upstream.setNoDelay(true);
    client.pipe(upstream).pipe(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  server.on("connection", (socket) => socket.setNoDelay(true));
  await listening(server);
  return { port: portOf(server), close: () => void server.close() };
}
