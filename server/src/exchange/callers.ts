import type { Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import { hashCredentials } from '../access/index.ts';
import { callerOf } from './context.ts';

/** The address of a client to count by. One client of IPv6 has a network of addresses: they count as one. */
export function addressKey(address: string | undefined): string {
  return `address ${address === undefined ? 'unknown' : ipKeyGenerator(address)}`;
}

/**
 * What a caller is counted by: the address always, because credentials can be made up; the credentials where there are some, because
 * several users may come from one address, and one user from several.
 */
export function callerKeys(req: Request): readonly string[] {
  const caller = callerOf(req);
  const credentials = caller.authorization === undefined ? [] : [`credentials ${hashCredentials(caller)}`];
  return [addressKey(req.ip), ...credentials];
}
