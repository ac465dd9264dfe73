import { afterAll, afterEach } from '@jest/globals';
import nock from 'nock';

/**
 * nock, in force only in the files that import this. It patches Node's sockets for the whole process as soon as it is loaded: a file that
 * talks to real servers must not have it beside it.
 */
export const mockedHttp = nock;

afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());
