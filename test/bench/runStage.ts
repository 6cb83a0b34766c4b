/**
 * A program: measures one stage once, in a process of its own, and prints the measurement as JSON.
 *
 *   node --expose-gc runStage.ts <stage> <inputs as JSON>
 * @module
 */
import { STAGES } from './stages.ts';
import type { Inputs } from './stages.ts';

const [stage = '', inputs = '{}'] = process.argv.slice(2);
const measurement = await STAGES[stage as keyof typeof STAGES](JSON.parse(inputs) as Inputs);
process.stdout.write(JSON.stringify(measurement));
