import type { IncomingMessage } from 'node:http';

const host = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** the last one that was found good: a gateway has one name or two, and to look takes 1 of the 24 µs of a small request */
let goodHost = '';

/** Whether a Host header can be part of a URL; Yoga builds one from it and fails with a stack otherwise. */
function isHost(header: string): boolean {
  if (header === '' || header === goodHost) return true;
  if (!host.test(header) || !URL.canParse(`http://${header}`)) return false;
  goodHost = header;
  return true;
}

/**
 * Whether the request says for which host it is, once: HTTP/1.0 knows no Host header, and 1.1 requires exactly one
 * (RFC 9112, 3.2). Two have arrived as one with a comma, which is no host (`joinDuplicateHeaders`).
 */
export const namesHost = ({ headers, httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean =>
  headers.host === undefined ? httpVersionMajor < 1 || httpVersionMinor < 1 : isHost(headers.host);

const loopback = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Whether the request was addressed to this machine by a name that nobody else can have. A page of any site can have a name of
 * its own lead here once it is loaded (DNS rebinding); its browser then takes what is answered for the site's own.
 */
export const isForLoopback = ({ headers }: IncomingMessage): boolean => loopback.test(headers.host ?? '');
