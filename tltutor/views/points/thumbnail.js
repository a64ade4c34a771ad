// A point's own picture, cut from the sheet that holds all of them.

/** A canvas with point i's picture, enlarged to about `size` pixels with its pixels left as they are. */
export function thumbnail(points, i, size) {
  const [columns, width, height] = points.tile, canvas = document.createElement("canvas"), { picture } = points;
  const grow = Math.max(1, Math.floor(size / Math.max(width, height)));
  canvas.width = width * grow; canvas.height = height * grow;
  const paint = () => {
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, (i % columns) * width, Math.floor(i / columns) * height, width, height, 0, 0, canvas.width, canvas.height);
  };
  if (picture.complete) paint(); else picture.addEventListener("load", paint, { once: true });
  return canvas;
}
