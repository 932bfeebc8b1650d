interface Cookie {
  readonly value: string;
  readonly path: string;
}

/**
 * Cookies of one person, as a browser keeps them: by host (never by port), with paths and expiry.
 * https://datatracker.ietf.org/doc/html/rfc6265
 */
export class CookieJar {
  readonly #cookies = new Map<string, Map<string, Cookie>>();

  /** Keeps what a response sets. */
  keep(url: URL, headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
      const equals = pair.indexOf("=");
      if (equals < 1) continue;
      const name = pair.slice(0, equals);
      const attribute = (wanted: string): string | undefined =>
        attributes.find((text) => text.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
      const host = this.#cookies.get(url.hostname) ?? new Map<string, Cookie>();
      this.#cookies.set(url.hostname, host);
      const maxAge = attribute("max-age");
      const expires = attribute("expires");
      const isOver =
        maxAge === undefined ? expires !== undefined && Date.parse(expires) <= Date.now() : Number(maxAge) <= 0;
      if (isOver) host.delete(name);
      else host.set(name, { value: pair.slice(equals + 1), path: attribute("path") ?? "/" });
    }
  }

  /** The Cookie header for a request to `url`; empty when there is none. */
  header(url: URL): string {
    return [...(this.#cookies.get(url.hostname) ?? [])]
      .filter(([, cookie]) => url.pathname.startsWith(cookie.path))
      .map(([name, cookie]) => `${name}=${cookie.value}`)
      .join("; ");
  }

  /** Forgets everything, as an expired session does. */
  clear(): void {
    this.#cookies.clear();
  }
}
