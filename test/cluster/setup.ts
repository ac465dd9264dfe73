import { jest } from '@jest/globals';

// The longest case has four waits of a minute; how long anything takes is never judged.
jest.setTimeout(300_000);
