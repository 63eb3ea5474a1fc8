/** `12345` → `12,345`; for whole numbers. By hand, since the first `toLocaleString` of a process takes six milliseconds. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
