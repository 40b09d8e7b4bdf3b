// A photo made smaller before it goes over a slow line. What cannot be made smaller here is sent as it is: the server makes it anew.

export const LONGEST = 2000; // px: what the server keeps, so nothing is lost
const SMALL_ENOUGH = 700 * 1024;
const QUALITY = 0.85;

/** Size that fits into a square of `longest` px, never larger than before. */
export function fitInto(width, height, longest = LONGEST) {
  const share = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}

/** A JPEG of at most LONGEST px, upright; the file itself where the browser cannot do that, or where it would not be smaller. */
export async function shrink(file, { decode = window.createImageBitmap, draw = drawn } = {}) {
  if (!decode) return file; // an old browser would draw it lying: it leaves out how the camera was held
  try {
    const picture = await decode.call(window, file, { imageOrientation: "from-image" });
    const size = fitInto(picture.width, picture.height);
    if (size.width === picture.width && file.size <= SMALL_ENOUGH && file.type === "image/jpeg") return file;
    const smaller = await draw(picture, size);
    if (picture.close) picture.close();
    return smaller && smaller.size < file.size ? smaller : file;
  } catch (error) {
    return file; // no picture to this browser, or not enough memory: the server says what is wrong with it
  }
}

function drawn(picture, { width, height }) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}
