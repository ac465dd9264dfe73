import { createHash } from 'node:crypto';

const LONGEST = 63;
const MD5_LENGTH = 32;
const HEAD = LONGEST - MD5_LENGTH;

const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');

/**
 * The name that Knative gives to a child: `parent + suffix`, or, where that exceeds 63 characters, a cut parent, the MD5 of the
 * whole parent and the suffix (knative.dev/pkg: kmeta/names.go). Other programs compute the same names, so it is exact to the byte.
 */
export function childName(parent: string, suffix: string): string {
  if (parent.length <= LONGEST - suffix.length) return parent + suffix;
  if (suffix.length < HEAD) return parent.slice(0, HEAD - suffix.length) + md5(parent) + suffix;
  const hashed = parent.slice(0, HEAD) + md5(parent + suffix);
  return (hashed + suffix.slice(0, LONGEST - hashed.length)).replace(/[^a-zA-Z0-9]+$/, '');
}
