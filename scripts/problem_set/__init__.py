"""Problem sets: folders of text that say what is asked; read, checked before anything runs, and begun."""
