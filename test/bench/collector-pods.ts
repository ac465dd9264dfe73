// Started by the bench `collector`: answers as the queue-proxies of all pods, on every loopback address, and says how many requests it took.
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { bytesOf } from '../doubles/queue-proxies.ts';

/** Where queue-proxy listens; Knative's own scraper asks nowhere else. */
const PORT = 9090;

const report = bytesOf({
  podName: 'pod',
  averageConcurrentRequests: 3.25,
  requestCount: 17,
  processUptime: 4711,
});
const answer = Buffer.concat([
  Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/protobuf\r\nDate: Fri, 27 Nov 2026 12:00:00 GMT\r\nContent-Length: ${report.length}\r\n\r\n`,
  ),
  report,
]);
/** The end of a request that has no body. */
const END = '\r\n\r\n';

let requests = 0;

// As cheap as can be, so that it keeps up with whoever asks.
function serve(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    if (!chunk.includes(END)) return;
    requests += 1;
    socket.write(answer);
  });
}

const listen = (port: number): void => {
  const server = createServer(serve).once('error', () => listen(0));
  server.listen(port, '0.0.0.0', 65_535, () => process.send?.((server.address() as AddressInfo).port));
};
process.on('message', () => process.send?.(requests));
listen(PORT);
