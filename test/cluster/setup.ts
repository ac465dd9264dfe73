import { jest } from '@jest/globals';

// The longest case has many waits of up to two minutes each; how long anything takes is never judged.
jest.setTimeout(900_000);
