import { jest } from '@jest/globals';

// Only a bound on waiting for what hangs, longer than any wait inside a case: how long anything takes is never judged.
jest.setTimeout(180_000);
