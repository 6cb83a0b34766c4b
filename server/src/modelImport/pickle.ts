/**
 * A reader for the pickles that torch.save writes (protocol 2, and what protocol 4 adds to it). It knows data and the few
 * names that weights need; it has no means to import or call anything. Instructions: Lib/pickletools.py of CPython.
 * @module
 */
import { MAX_INSTRUCTIONS } from './limits.ts';
import { PickleMachine } from './pickleMachine.ts';
import { Opaque, persistent, rebuilt } from './values.ts';
import type { PickleValue } from './values.ts';

type Operation = (machine: PickleMachine) => void;

function pushing(make: (machine: PickleMachine) => PickleValue): Operation {
  return (machine) => {
    machine.push(make(machine));
  };
}

function mark(machine: PickleMachine): void {
  machine.mark();
}

function memoizing(index: (machine: PickleMachine) => number | undefined): Operation {
  return (machine) => {
    machine.memoize(index(machine));
  };
}

/** Pops items off the stack and appends them to the list below. */
function adding(pop: (machine: PickleMachine) => readonly PickleValue[]): Operation {
  return (machine: PickleMachine) => {
    const items = pop(machine);
    const target = machine.top();
    if (target instanceof Opaque) return;
    if (!Array.isArray(target)) machine.fail('appends to what is no list');
    for (const item of items) target.push(item);
  };
}

/** Pops keys and values in turn off the stack and puts them into the dictionary below. */
function setting(pop: (machine: PickleMachine) => readonly PickleValue[]): Operation {
  return (machine: PickleMachine) => {
    const items = pop(machine);
    const target = machine.top();
    if (!(target instanceof Map) || items.length % 2 !== 0) machine.fail('fills what is no dictionary');
    for (let i = 0; i < items.length; i += 2) target.set(items[i] ?? null, items[i + 1] ?? null);
  };
}

function tuple(count: number): Operation {
  return (machine) => {
    const items: PickleValue[] = [];
    for (let i = 0; i < count; i += 1) items.unshift(machine.pop());
    machine.push(items);
  };
}

function opaqueBytes(length: (machine: PickleMachine) => number): Operation {
  return (machine) => {
    machine.read(length(machine));
    machine.push(new Opaque());
  };
}

const u8 = (machine: PickleMachine): number => machine.read(1).getUint8(0);
const u16 = (machine: PickleMachine): number => machine.read(2).getUint16(0, true);
const u32 = (machine: PickleMachine): number => machine.read(4).getUint32(0, true);

function stackGlobal(machine: PickleMachine): PickleValue {
  const [name, module] = [machine.pop(), machine.pop()];
  if (typeof name !== 'string' || typeof module !== 'string') return machine.fail('names a class by no text');
  return machine.global(module, name);
}

function reduced(machine: PickleMachine): PickleValue {
  const args = machine.pop();
  return rebuilt(machine.pop(), args) ?? machine.fail('builds something that is no tensor');
}

/** BUILD sets attributes: an OrderedDict's `_metadata`, a NumPy type's flags. Nothing of it is needed. */
function build(machine: PickleMachine): void {
  machine.pop();
  const target = machine.top();
  if (!(target instanceof Map || target instanceof Opaque)) machine.fail('sets attributes of what has none');
}

function stored(machine: PickleMachine): PickleValue {
  return persistent(machine.pop()) ?? machine.fail('refers to a storage in a way torch.save does not');
}

/** By opcode, in the order of pickletools: numbers, text, containers, memo, names, frames. */
const OPERATIONS = new Map<string, Operation>([
  ['N', pushing(() => null)],
  ['\x88', pushing(() => true)],
  ['\x89', pushing(() => false)],
  ['J', pushing((m) => m.read(4).getInt32(0, true))],
  ['K', pushing(u8)],
  ['M', pushing(u16)],
  ['\x8a', pushing((m) => m.integer(u8(m)))],
  ['\x8b', pushing((m) => m.integer(u32(m)))],
  ['G', pushing((m) => m.read(8).getFloat64(0))],
  ['X', pushing((m) => m.text(u32(m)))],
  ['\x8c', pushing((m) => m.text(u8(m)))],
  ['U', opaqueBytes(u8)],
  ['T', opaqueBytes(u32)],
  ['C', opaqueBytes(u8)],
  ['B', opaqueBytes(u32)],
  ['(', mark],
  ['}', pushing(() => new Map<PickleValue, PickleValue>())],
  [']', pushing(() => [])],
  [')', tuple(0)],
  ['\x85', tuple(1)],
  ['\x86', tuple(2)],
  ['\x87', tuple(3)],
  ['t', pushing((m) => m.popMarked())],
  ['a', adding((m) => [m.pop()])],
  ['e', adding((m) => m.popMarked())],
  ['s', setting((m) => [m.pop(), m.pop()].reverse())],
  ['u', setting((m) => m.popMarked())],
  ['q', memoizing(u8)],
  ['r', memoizing(u32)],
  ['\x94', memoizing(() => undefined)],
  ['h', pushing((m) => m.recall(u8(m)))],
  ['j', pushing((m) => m.recall(u32(m)))],
  ['c', pushing((m) => m.global(m.line(), m.line()))],
  ['\x93', pushing(stackGlobal)],
  ['i', pushing((m) => m.fail(`makes an object of ${m.global(m.line(), m.line()).name}`))],
  ['R', pushing(reduced)],
  ['b', build],
  ['Q', pushing(stored)],
  ['\x80', (m) => void u8(m)],
  ['\x95', (m) => void m.read(8)],
]);

const STOP = '.';

/** A pickle that was read. */
interface ReadPickle {
  readonly value: PickleValue;
  /** Where it ends. */
  readonly end: number;
  /** How many instructions it has. */
  readonly instructions: number;
}

/**
 * Reads the pickle that starts at `start`.
 * @param file name of the checkpoint, for errors.
 * @param limit instructions that it may have: they bound its time and memory.
 * @throws SamepointError models/unsafe-pickle, models/damaged-checkpoint
 */
export function readPickle(bytes: Uint8Array, file: string, start = 0, limit = MAX_INSTRUCTIONS): ReadPickle {
  const machine: PickleMachine = new PickleMachine(bytes, start, file);
  for (let instructions = 1; instructions <= limit; instructions += 1) {
    const code = String.fromCharCode(u8(machine));
    if (code === STOP) return { value: machine.pop(), end: machine.position, instructions };
    const operation = OPERATIONS.get(code);
    if (operation === undefined) {
      machine.fail(
        `has the instruction 0x${code.charCodeAt(0).toString(16)}, which torch.save does not write`,
      );
    }
    operation(machine);
  }
  return machine.fail(`has more than ${limit} instructions`);
}
