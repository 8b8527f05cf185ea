"""The preference page: `/p/{token}`."""
