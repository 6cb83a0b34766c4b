/** Who sends the request: the credentials that the PACS will judge. Never logged, never part of an error. */
export interface Caller {
  /** Value of the Authorization header of the viewer; undefined where there is none. */
  readonly authorization?: string | undefined;
  /** Name of the data source that the viewer shows: its PACS is that of references that name none. */
  readonly dataSource?: string | undefined;
  /** IP address of the workstation, as far as the reverse proxies in front are known; undefined on the command line. */
  readonly address?: string | undefined;
}

/** Where a log line goes; pino's loggers fit. Neither fields nor messages hold patient data or credentials. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Milliseconds since an arbitrary moment, never going back: for everything that expires. */
export type MonotonicClock = () => number;
