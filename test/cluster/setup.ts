import '../setup.ts';
