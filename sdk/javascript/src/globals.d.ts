/** What QuickJS and Node.js both have, of what TypeScript's own libraries leave to browsers. */

declare function atob(text: string): string;
declare function btoa(text: string): string;
declare const console: { error(message: string): void };
