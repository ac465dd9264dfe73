import { afterAll } from '@jest/globals';
import nock from 'nock';

// A mock that outlives its file would answer for the next one.
afterAll(() => {
  nock.cleanAll();
  nock.restore();
});
