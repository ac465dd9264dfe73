import { expect, test } from '@jest/globals';
import { fieldErrorsText, validateAnnotations } from '../../../../src/domain/annotation/validate.ts';
import { AUTOSCALER_DEFAULTS } from '../../../../src/domain/config/autoscaler.ts';

const group = 'autoscaling.knative.dev/';
const text = (annotations: Record<string, string>, config = AUTOSCALER_DEFAULTS): string =>
  fieldErrorsText(
    validateAnnotations(
      config,
      Object.fromEntries(Object.entries(annotations).map(([name, value]) => [group + name, value])),
    ),
  );

test('equal messages are one error with all their paths', () => {
  expect(text({ window: 'x', minScale: 'x' })).toBe(`invalid value: x: ${group}minScale, ${group}window`);
});
test('errors are sorted by message', () => {
  expect(text({ target: '0', 'activation-scale': '1' }).split('\n')).toEqual([
    `activation-scale=1 must be greater than 1: ${group}activation-scale`,
    `target 0 should be at least 0.01: ${group}target`,
  ]);
});
test('the metric is judged by the class, and by the configured one without', () => {
  expect(text({ metric: 'queue' })).toBe(`invalid value: queue: ${group}metric`);
  expect(text({ metric: 'queue', class: 'hpa.autoscaling.knative.dev' })).toBe('');
  expect(text({ metric: 'queue' }, { ...AUTOSCALER_DEFAULTS, podAutoscalerClass: 'my.class' })).toBe('');
});
test('NaN passes, as it passes in Knative', () => {
  expect(text({ target: 'NaN', 'panic-window-percentage': 'NaN' })).toBe('');
});
