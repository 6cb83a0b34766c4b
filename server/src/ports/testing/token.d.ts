/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
/** An Authorization header with a JSON Web Token without a real signature. */
export declare function tokenOf(claims: Readonly<Record<string, unknown>>): string;
