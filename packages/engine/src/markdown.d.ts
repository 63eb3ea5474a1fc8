/** Texts for the model live in Markdown beside their code; build and tests load them as strings. */
declare module "*.md" {
  const text: string;
  export default text;
}
