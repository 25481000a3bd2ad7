// A phone without an interface.
import { openLine } from "./line.js";

openLine({});
