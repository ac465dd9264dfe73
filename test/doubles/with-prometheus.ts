import { describe } from '@jest/globals';
import { prometheusMajor } from './prometheus.ts';

/** `describe` where a real Prometheus can be asked; left out where there is none on the PATH. */
export const withPrometheus = prometheusMajor === undefined ? describe.skip : describe;
