// Loaded into the controller's process before its own code: how long each turn of its event loop is. Three figures, because other
// processes may have the CPUs: by the clock; without the time that the loop's thread waited for a CPU; and the CPU time of that thread,
// which also leaves out that it waits for the garbage collector's other threads. Plain JavaScript: stripping types would be counted too.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** Milliseconds between two readings: turns shorter than this are added up. */
const EVERY = 5;

/** Milliseconds for which the thread of the event loop was ready to run and did not. */
const waited = () =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[1]) / 1e6;

/** CPU milliseconds of the thread of the event loop. */
const used = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** Measures until it is told to stop, so that it costs the steady state nothing. */
function measure() {
  const longest = { wall: 0, own: 0, cpu: 0 };
  let [wall, wait, cpu] = [performance.now(), waited(), used()];
  const reading = setInterval(() => {
    const [wallNow, waitNow, cpuNow] = [performance.now(), waited(), used()];
    const late = wallNow - wall - EVERY;
    longest.wall = Math.max(longest.wall, late);
    longest.own = Math.max(longest.own, late - (waitNow - wait));
    longest.cpu = Math.max(longest.cpu, cpuNow - cpu);
    [wall, wait, cpu] = [wallNow, waitNow, cpuNow];
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
