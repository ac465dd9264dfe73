import { systemClock } from '../../../../src/adapters/time/system-clock.ts';
import { clockContract } from '../../../contracts/clock.ts';

clockContract('the system clock', () => ({ clock: systemClock, pass: (by) => systemClock.sleep(by) }));
