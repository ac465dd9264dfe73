// Loaded into the controller's process before its own code: how long each turn of its event loop is, by the clock, and without the time
// that its thread waited for a CPU while other processes had it. Plain JavaScript, because stripping types would be counted too.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** Milliseconds between two readings: turns shorter than this are added up. */
const EVERY = 5;

/** Milliseconds for which the thread of the event loop was ready to run and did not. */
const waited = () =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[1]) / 1e6;

/** Measures until it is told to stop, so that it costs the steady state nothing. */
function measure() {
  const longest = { wall: 0, own: 0 };
  let [wall, wait] = [performance.now(), waited()];
  const reading = setInterval(() => {
    const [wallNow, waitNow] = [performance.now(), waited()];
    const late = wallNow - wall - EVERY;
    longest.wall = Math.max(longest.wall, late);
    longest.own = Math.max(longest.own, late - (waitNow - wait));
    [wall, wait] = [wallNow, waitNow];
  }, EVERY);
  reading.unref();
  return () => {
    clearInterval(reading);
    return longest;
  };
}

let stop;
process.on('message', (what) => {
  if (what === 'measure') stop = measure();
  else process.send(stop());
});
// Whoever waits for messages must not keep the process alive.
process.channel.unref();
