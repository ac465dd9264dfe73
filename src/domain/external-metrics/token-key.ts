import { createHash } from 'node:crypto';

/** Under which the owner of a token is remembered, so that the token itself is not kept. */
export const keyOfToken = (token: string): string => createHash('sha256').update(token).digest('base64');
