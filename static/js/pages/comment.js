// The form of a comment, loaded by the page of a version for whoever may comment (static/js/pages/version.js).
import { mountForm } from "../comment/form.js";

window.commentForm = { mountForm };
