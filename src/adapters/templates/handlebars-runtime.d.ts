// The part of Handlebars that runs compiled templates; the package ships it without types of its own.
declare module "handlebars/dist/cjs/handlebars.runtime.js" {
  import Handlebars from "handlebars";
  export default Handlebars;
}
