"""Dibuja gatos y perros: pelaje, postura, fondo, luz, obstáculos y cámara varían; la especie está en la forma.

Toda la aritmética es entera, así que la misma semilla da los mismos píxeles.
"""

import math

import numpy as np
from PIL import Image, ImageDraw

_SIDE = 336  # lado del lienzo, en píxeles
_GRID = 224  # lado en que se piensan las medidas del dibujo
_UNIT = 1000  # medio ancho de la cabeza, en unidades del dibujo
_TRIG = 1 << 12
_CIRCLE = [(round(_TRIG * math.cos(math.tau * k / 20)), round(_TRIG * math.sin(math.tau * k / 20))) for k in range(20)]
_FURS = (
    (230, 152, 72), (150, 98, 58), (88, 64, 48), (52, 48, 50), (142, 142, 146), (206, 198, 186), (238, 224, 196),
    (190, 122, 66), (112, 104, 98), (222, 190, 140), (70, 58, 56), (246, 240, 232),
)  # fmt: skip
_ROOMS = (
    (176, 196, 168), (204, 186, 160), (150, 172, 196), (196, 168, 172), (120, 132, 128), (214, 208, 196),
    (98, 116, 84), (168, 140, 112), (84, 90, 108), (222, 196, 120),
)  # fmt: skip

Colour = tuple[int, int, int]


def draw(species: int, seed: int, number: int) -> tuple[Image.Image, int]:
    """Dibuja una foto.

    Args:
        species: 0, gato; 1, perro.
        seed: Semilla del conjunto.
        number: Número de la foto dentro de su especie.

    Returns:
        `(imagen, calidad)`: imagen RGB de 380 a 620 píxeles de ancho y la calidad JPEG con que guardarla.
    """
    rng = np.random.default_rng((seed, species, number))
    image = _background(rng)
    pen = _Pen(ImageDraw.Draw(image), rng)
    (_cat if species == 0 else _dog)(pen, rng)
    _obstacle(ImageDraw.Draw(image), rng)
    return _photograph(image, rng)


class _Pen:
    """Lápiz con la postura puesta: gira, escala, desplaza y refleja lo que dibuja."""

    def __init__(self, canvas: ImageDraw.ImageDraw, rng: np.random.Generator):
        angle = math.radians(int(rng.integers(-24, 25)))
        size = _px(int(rng.integers(41, 68)))
        self._canvas = canvas
        self._cos, self._sin = round(_TRIG * math.cos(angle)), round(_TRIG * math.sin(angle))
        self._size = size
        self._mirror = 1 if rng.integers(2) else -1
        # Cuanto mayor sale el animal, más fácil es que se salga del encuadre.
        self._x = _SIDE // 2 + _px(int(rng.integers(-30, 31)))
        self._y = _SIDE * 4 // 10 + _px(int(rng.integers(-24, 25)))

    def _place(self, x: int, y: int) -> tuple[int, int]:
        x *= self._mirror
        scale = _UNIT * _TRIG
        return (
            self._x + (x * self._cos - y * self._sin) * self._size // scale,
            self._y + (x * self._sin + y * self._cos) * self._size // scale,
        )

    def shape(self, points: list[tuple[int, int]], fill: Colour) -> None:
        self._canvas.polygon([self._place(x, y) for x, y in points], fill=fill)

    def oval(self, x: int, y: int, rx: int, ry: int, fill: Colour, tilt: int = 0) -> None:
        """Elipse; `tilt` la inclina: desplaza cada punto a lo ancho según su altura, en milésimas."""
        ring = [(rx * c // _TRIG, ry * s // _TRIG) for c, s in _CIRCLE]
        self.shape([(x + dx + tilt * dy // 1000, y + dy) for dx, dy in ring], fill)

    def line(self, points: list[tuple[int, int]], fill: Colour, width: int) -> None:
        thick = max(1, width * self._size // _UNIT)
        self._canvas.line([self._place(x, y) for x, y in points], fill=fill, width=thick, joint="curve")


def _px(length: int) -> int:
    """Pasa una medida pensada sobre un lienzo de `_GRID` a píxeles del lienzo."""
    return length * _SIDE // _GRID


def _shade(colour: Colour, change: int) -> Colour:
    return tuple(min(255, max(0, c + change)) for c in colour)


def _body(pen: _Pen, rng: np.random.Generator, fur: Colour, chest: Colour, wide: int) -> None:
    low = int(rng.integers(2400, 3300))
    pen.oval(0, low * 6 // 10, wide, low * 5 // 10, _shade(fur, -12))
    pen.oval(0, low * 6 // 10, wide * 5 // 10, low * 4 // 10, chest)
    for side in (-1, 1):
        pen.oval(side * wide * 5 // 10, low, wide * 3 // 10, 260, _shade(fur, 6))


def _pattern(pen: _Pen, rng: np.random.Generator, fur: Colour, other: Colour) -> None:
    """Rayas, manchas, antifaz o nada: los tienen igual unos y otros."""
    kind = int(rng.integers(5))
    if kind == 0:
        for x in (-420, 0, 420):
            pen.shape([(x - 90, -900), (x + 90, -900), (x, -420)], _shade(fur, -46))
    elif kind == 1:
        for _ in range(3):
            x, y = int(rng.integers(-700, 700)), int(rng.integers(-700, 300))
            pen.oval(x, y, int(rng.integers(160, 380)), int(rng.integers(160, 380)), other)
    elif kind == 2:
        pen.oval(-430, -130, 420, 480, other)
    elif kind == 3:
        pen.shape([(-170, -950), (170, -950), (110, 200), (-110, 200)], other)


def _eyes(pen: _Pen, rng: np.random.Generator, slit: bool) -> None:
    iris = ((120, 160, 70), (200, 150, 40), (90, 130, 170), (96, 62, 36))[int(rng.integers(4))]
    wide = int(rng.integers(150, 210))
    look = int(rng.integers(-40, 41))
    if rng.integers(9) == 0:  # dormido
        for x in (-400, 400):
            pen.line([(x - 160, -100), (x, -50), (x + 160, -100)], (30, 26, 26), 60)
        return
    for x in (-400, 400):
        pen.oval(x, -120, wide + 40, wide + 20, (36, 30, 28))
        pen.oval(x, -120, wide, wide - 10, iris)
        pen.oval(x + look, -120, wide * (35 if slit else 62) // 100, wide * 85 // 100, (14, 12, 14))
        pen.oval(x + look - 45, -180, 40, 40, (250, 250, 250))


def _cat(pen: _Pen, rng: np.random.Generator) -> None:
    fur, other = (_FURS[int(i)] for i in rng.choice(len(_FURS), 2, replace=False))
    tail = int(rng.integers(900, 1800))
    pen.line([(700, 2300), (tail, 2100), (tail + 260, 1300), (tail, 700)], _shade(fur, -20), 230)
    _body(pen, rng, fur, _shade(other, 8), int(rng.integers(760, 1000)))
    folded = rng.integers(12) == 0  # orejas plegadas: las hay
    lean, tall = int(rng.integers(-120, 121)), int(rng.integers(1420, 1760))
    for side in (-1, 1):
        tip = (side * (820 + lean), -1000 if folded else -tall)
        pen.shape([(side * 930, -340), tip, (side * 210, -860)], fur)
        if not folded:
            inner = (side * (770 + lean), -tall + 300)
            pen.shape([(side * 800, -560), inner, (side * 380, -830)], (214, 150, 146))
    pen.oval(0, 0, 1000, int(rng.integers(840, 940)), fur)
    _pattern(pen, rng, fur, other)
    _eyes(pen, rng, slit=rng.integers(4) > 0)
    pale = _shade(other, 30)
    for side in (-1, 1):
        pen.oval(side * 190, 420, 250, 190, pale)
    pen.shape([(-110, 200), (110, 200), (0, 330)], (206, 120, 120) if rng.integers(2) else (60, 44, 44))
    pen.line([(0, 320), (0, 430), (-150, 500)], (60, 44, 44), 40)
    pen.line([(0, 430), (150, 500)], (60, 44, 44), 40)
    whisker = (244, 244, 240) if sum(fur) < 420 else (70, 62, 60)
    for side in (-1, 1):
        for y in (330, 430, 530):
            pen.line([(side * 330, y), (side * int(rng.integers(1050, 1350)), y * 2 - 480)], whisker, 26)


def _dog(pen: _Pen, rng: np.random.Generator) -> None:
    fur, other = (_FURS[int(i)] for i in rng.choice(len(_FURS), 2, replace=False))
    pen.line([(760, 2400), (1400, 1900), (1550, 1300)], _shade(fur, -20), 380)
    _body(pen, rng, fur, _shade(other, 8), int(rng.integers(860, 1150)))
    ear = _shade(fur, -34) if rng.integers(2) else _shade(other, -20)
    pricked = rng.integers(6) == 0  # de oreja en punta, como un husky
    drop, tilt = int(rng.integers(620, 1000)), int(rng.integers(80, 320))
    if pricked:
        for side in (-1, 1):
            pen.shape([(side * 900, -380), (side * 700, -1450), (side * 230, -860)], ear)
            pen.shape([(side * 760, -560), (side * 660, -1150), (side * 400, -820)], _shade(ear, 40))
    pen.oval(0, 0, int(rng.integers(860, 980)), int(rng.integers(900, 1040)), fur)
    _pattern(pen, rng, fur, other)
    if not pricked:
        for side in (-1, 1):
            pen.oval(side * 930, -160, 300, drop, ear, tilt=side * tilt)
    _eyes(pen, rng, slit=rng.integers(10) == 0)
    pale = _shade(other, 30)
    long = int(rng.integers(430, 600))
    pen.oval(0, 520, 520, long, pale)
    pen.oval(0, 260, 240, 170, (38, 32, 34))
    pen.oval(-70, 210, 60, 36, (120, 112, 112))
    if rng.integers(3) == 0:  # jadea
        pen.oval(0, 520 + long * 7 // 10, 170, 300, (222, 110, 120))
    pen.line([(0, 400), (0, 620), (-260, 740)], (46, 36, 36), 50)
    pen.line([(0, 620), (260, 740)], (46, 36, 36), 50)
    if rng.integers(2) == 0:
        pen.line(
            [(-640, 980), (0, 1180), (640, 980)],
            ((190, 50, 50), (50, 90, 180), (60, 140, 90))[int(rng.integers(3))],
            190,
        )


def _background(rng: np.random.Generator) -> Image.Image:
    """Pared y suelo, o campo, con muebles o matas."""
    wall, floor = (_ROOMS[int(i)] for i in rng.choice(len(_ROOMS), 2, replace=False))
    rows = np.arange(_SIDE)[:, None, None]
    horizon = int(rng.integers(_SIDE // 3, _SIDE))
    base = (
        np.where(rows < horizon, np.array(wall), np.array(floor)) + (rows - _SIDE // 2) * int(rng.integers(-3, 4)) // 18
    )
    image = Image.fromarray(np.broadcast_to(base, (_SIDE, _SIDE, 3)).clip(0, 255).astype(np.uint8))
    canvas = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(2, 7))):
        x, y = (_px(int(v)) for v in rng.integers(-20, _GRID, 2))
        w, h = (_px(int(v)) for v in rng.integers(14, 110, 2))
        colour = _shade(_ROOMS[int(rng.integers(len(_ROOMS)))], int(rng.integers(-50, 30)))
        kind = int(rng.integers(3))
        if kind == 0:
            canvas.rectangle((x, y, x + w, y + h), fill=colour)
        elif kind == 1:
            canvas.ellipse((x, y, x + w, y + h), fill=colour)
        else:  # mata de hierba u objeto en punta, como una oreja
            canvas.polygon([(x, y + h), (x + w // 2, y), (x + w, y + h)], fill=colour)
    return image


def _obstacle(canvas: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    """A veces, algo por delante: una valla, hojas o una caja."""
    kind = int(rng.integers(7))
    colour = _shade(_ROOMS[int(rng.integers(len(_ROOMS)))], int(rng.integers(-60, 10)))
    if kind == 0:
        step, wide = _px(int(rng.integers(30, 56))), _px(int(rng.integers(4, 9)))
        for x in range(int(rng.integers(step)), _SIDE, step):
            canvas.rectangle((x, 0, x + wide, _SIDE), fill=colour)
    elif kind == 1:
        for _ in range(9):
            x, y, w, h = (_px(int(v)) for v in rng.integers((0, 0, 18, 10), (_GRID, _GRID, 46, 26)))
            canvas.ellipse((x, y, x + w, y + h), fill=(70, 112, 62))
    elif kind == 2:
        top = int(rng.integers(_SIDE * 6 // 10, _SIDE * 8 // 10))
        canvas.rectangle((0, top, _SIDE, _SIDE), fill=colour)


def _photograph(image: Image.Image, rng: np.random.Generator) -> tuple[Image.Image, int]:
    """Luz, tinte, grano, tamaño y calidad."""
    side = int(rng.integers(380, 621))
    ratio = int(rng.integers(80, 126))
    image = image.resize((side, side * ratio // 100), Image.Resampling.BILINEAR)
    pixels = np.asarray(image).astype(np.int32)
    gain = int(rng.integers(50, 121)) + rng.integers(-9, 10, 3)  # de noche a sobreexpuesta, y con su tinte
    columns = np.arange(pixels.shape[1])[None, :, None] - pixels.shape[1] // 2
    pixels = pixels * gain // 100 + columns * int(rng.integers(-4, 5)) // 28
    grain = int(rng.integers(1, 14))
    pixels += rng.integers(-grain, grain + 1, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), int(rng.integers(35, 96))
