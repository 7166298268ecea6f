import hashlib
import hmac
import os

KEY = hashlib.sha256(b"a secret of the house").digest()


def _stream(nonce, length):
    out = b""
    while len(out) < length:
        out += hmac.digest(KEY, nonce + len(out).to_bytes(4, "big"), "sha256")
    return out[:length]


def seal(text):
    nonce = os.urandom(12)
    plain = text.encode()
    box = nonce + bytes(a ^ b for a, b in zip(plain, _stream(nonce, len(plain))))
    return hmac.digest(KEY, box, "sha256")[:16] + box


def unseal(letter):
    tag, box = letter[:16], letter[16:]
    if not hmac.compare_digest(tag, hmac.digest(KEY, box, "sha256")[:16]):
        raise ValueError("the seal is broken")
    nonce, secret = box[:12], box[12:]
    return bytes(a ^ b for a, b in zip(secret, _stream(nonce, len(secret)))).decode()
