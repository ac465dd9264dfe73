// Loaded into the controller's process before its own code: how long each turn of its event loop is, by the clock and by the CPU time of
// the thread itself. On a busy machine the clock also counts what other processes did in the meantime. Plain JavaScript, because stripping
// types would be counted too.
import { performance } from 'node:perf_hooks';

/** Milliseconds between two readings: turns shorter than this are added up. */
const EVERY = 5;

/** CPU milliseconds of the thread that runs the event loop. */
const cpuNow = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** Measures until it is told to stop, so that it costs the steady state nothing. */
function measure() {
  const longest = { wall: 0, cpu: 0 };
  let [wall, cpu] = [performance.now(), cpuNow()];
  const reading = setInterval(() => {
    const [wallNow, cpuUsed] = [performance.now(), cpuNow()];
    longest.wall = Math.max(longest.wall, wallNow - wall - EVERY);
    longest.cpu = Math.max(longest.cpu, cpuUsed - cpu);
    [wall, cpu] = [wallNow, cpuUsed];
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
