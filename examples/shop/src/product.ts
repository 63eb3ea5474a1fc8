export interface Product {
  readonly name: string;
  readonly cents: number;
}
