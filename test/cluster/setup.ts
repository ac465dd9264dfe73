import { jest } from '@jest/globals';

// The longest case has many waits of up to three minutes each; how long anything takes is never judged.
jest.setTimeout(900_000);
