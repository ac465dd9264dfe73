import { parseQuantity, printQuantity } from '../../src/domain/k8s/quantity.ts';

/** Go's `%.3f`: the nearest, and of two equally near ones the even one. Only odd multiples of 1/16 lie in the middle. */
function threeDecimals(n: number): string {
  if (Math.abs(n) >= 1e21) return `${BigInt(n)}.000`;
  const up = n.toFixed(3);
  const isTie = Number.isInteger(n * 16) && Math.abs(n * 16) % 2 === 1;
  const isOdd = '13579'.includes(up.at(-1) ?? '');
  return isTie && isOdd ? (Number(up) - 0.001).toFixed(3) : up;
}

/** A value as KEDA hands it to the HPA: never negative, three decimals, as a quantity. */
export function kedaQuantity(n: number): string {
  const read = parseQuantity(threeDecimals(Math.max(0, n)));
  return read.ok ? printQuantity(read.value) : '';
}
