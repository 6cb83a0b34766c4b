/* global Headers, ReadableStream, Request, Response, structuredClone, TextDecoder, TextEncoder */
/**
 * jsdom for tests that need both a page and the Fetch API: jsdom has no Response, Headers and streams; browsers have.
 * @module
 */
import { TestEnvironment } from 'jest-environment-jsdom';

const FROM_NODE = {
  Headers,
  ReadableStream,
  Request,
  Response,
  structuredClone,
  TextDecoder,
  TextEncoder,
};

export default class BrowserEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    Object.assign(this.global, FROM_NODE);
  }
}
